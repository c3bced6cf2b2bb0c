DROP INDEX subscriptions_by_state;
DROP INDEX users_deleted;
ALTER TABLE usage_epochs DROP COLUMN begun_at;
ALTER TABLE usage_epochs DROP COLUMN closed_at;
