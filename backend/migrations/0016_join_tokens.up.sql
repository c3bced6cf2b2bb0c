ALTER TABLE join_tokens ADD COLUMN id TEXT;
ALTER TABLE join_tokens ADD COLUMN needs_approval BIGINT;
ALTER TABLE join_tokens ADD COLUMN used_at BIGINT;
ALTER TABLE join_tokens ADD COLUMN revoked_at BIGINT;
CREATE UNIQUE INDEX join_tokens_id ON join_tokens (id);
