DROP TABLE usage_pruned;
DROP INDEX usage_sessions_ended;
ALTER TABLE usage_sessions DROP COLUMN ended_at;
