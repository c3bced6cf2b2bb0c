CREATE TABLE audit_chain (
  seq BIGINT PRIMARY KEY,
  id TEXT NOT NULL,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  actor_name TEXT NOT NULL,
  token TEXT NOT NULL,
  address TEXT NOT NULL,
  request_id TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL,
  state_before TEXT NOT NULL,
  state_after TEXT NOT NULL,
  previous_hash TEXT NOT NULL,
  hash TEXT NOT NULL
);
CREATE INDEX audit_chain_by_actor ON audit_chain (actor, seq);
CREATE INDEX audit_chain_by_action ON audit_chain (action, seq);
CREATE INDEX audit_chain_by_object ON audit_chain (object, seq);
CREATE INDEX audit_chain_by_time ON audit_chain (at);
