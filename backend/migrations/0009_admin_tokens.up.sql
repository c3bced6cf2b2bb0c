CREATE TABLE admin_tokens (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('token', 'session')),
  owner_id TEXT NOT NULL,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('read_only', 'support', 'admin')),
  scopes TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  last_used_at BIGINT,
  revoked_at BIGINT
);
CREATE UNIQUE INDEX admin_tokens_hash ON admin_tokens (hash);
CREATE INDEX admin_tokens_by_owner ON admin_tokens (owner_id, id);
CREATE INDEX admin_tokens_by_end ON admin_tokens (expires_at);
