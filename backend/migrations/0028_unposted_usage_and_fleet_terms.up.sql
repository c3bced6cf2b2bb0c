CREATE TABLE usage_unposted (
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  epoch TEXT NOT NULL,
  seq BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  lines TEXT NOT NULL,
  PRIMARY KEY (gateway_id, epoch, seq)
);
CREATE INDEX usage_unposted_by_age ON usage_unposted (received_at, gateway_id, epoch, seq);
ALTER TABLE nodes ADD COLUMN key_limit_bytes BIGINT;
ALTER TABLE regions ADD COLUMN name TEXT;
ALTER TABLE regions ADD COLUMN country TEXT;
