ALTER TABLE usage_sessions ADD COLUMN ended_at BIGINT;
CREATE INDEX usage_sessions_ended ON usage_sessions (gateway_id, epoch, ended_at) WHERE ended_at IS NOT NULL;
CREATE TABLE usage_pruned (
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  epoch TEXT NOT NULL,
  block BIGINT NOT NULL,
  members TEXT NOT NULL,
  PRIMARY KEY (gateway_id, epoch, block)
);
