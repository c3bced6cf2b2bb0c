DROP INDEX users_by_state;
