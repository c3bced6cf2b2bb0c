DROP INDEX subscriptions_suspended;
DROP INDEX users_suspended;
DROP INDEX devices_revoked;
