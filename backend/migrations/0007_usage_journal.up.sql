CREATE TABLE usage_journal (
  gateway_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  seq BIGINT NOT NULL,
  line BIGINT NOT NULL,
  hour TEXT NOT NULL,
  device_id TEXT NOT NULL,
  node_id TEXT NOT NULL,
  subscription_id TEXT NOT NULL,
  period_start BIGINT NOT NULL,
  up BIGINT NOT NULL CHECK (up >= 0),
  down BIGINT NOT NULL CHECK (down >= 0),
  PRIMARY KEY (gateway_id, epoch, seq, line)
);

CREATE TABLE usage_backlog (
  gateway_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  seq BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (gateway_id, epoch, seq)
);
CREATE INDEX usage_backlog_by_age ON usage_backlog (received_at, gateway_id, epoch, seq);
CREATE INDEX usage_batches_by_age ON usage_batches (received_at, gateway_id, epoch, seq);

CREATE TABLE usage_hourly (
  hour TEXT NOT NULL,
  node_id TEXT NOT NULL REFERENCES nodes (id),
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  up BIGINT NOT NULL,
  down BIGINT NOT NULL,
  PRIMARY KEY (hour, node_id, gateway_id)
);

CREATE TABLE worker_leases (
  name TEXT NOT NULL PRIMARY KEY,
  holder TEXT NOT NULL,
  fence BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
