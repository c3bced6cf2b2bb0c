DROP INDEX join_tokens_id;
DELETE FROM join_tokens WHERE revoked_at IS NOT NULL OR needs_approval = 1;
ALTER TABLE join_tokens DROP COLUMN revoked_at;
ALTER TABLE join_tokens DROP COLUMN used_at;
ALTER TABLE join_tokens DROP COLUMN needs_approval;
ALTER TABLE join_tokens DROP COLUMN id;
