CREATE INDEX users_by_state ON users (state);
