CREATE TABLE usage_batches (
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  epoch TEXT NOT NULL,
  seq BIGINT NOT NULL,
  digest TEXT NOT NULL,
  line_count BIGINT NOT NULL,
  quarantined BIGINT NOT NULL,
  received_at BIGINT NOT NULL,
  PRIMARY KEY (gateway_id, epoch, seq)
);

CREATE TABLE usage_epochs (
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  epoch TEXT NOT NULL,
  acked_through BIGINT NOT NULL,
  PRIMARY KEY (gateway_id, epoch)
);

CREATE TABLE usage_sessions (
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  epoch TEXT NOT NULL,
  number BIGINT NOT NULL,
  device_id TEXT NOT NULL REFERENCES devices (id),
  subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
  opened_at BIGINT NOT NULL,
  PRIMARY KEY (gateway_id, epoch, number)
);

CREATE TABLE session_traffic (
  gateway_id TEXT NOT NULL,
  epoch TEXT NOT NULL,
  number BIGINT NOT NULL,
  node_id TEXT NOT NULL REFERENCES nodes (id),
  up BIGINT NOT NULL CHECK (up >= 0),
  down BIGINT NOT NULL CHECK (down >= 0),
  PRIMARY KEY (gateway_id, epoch, number, node_id)
);

CREATE TABLE usage_quarantine (
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  epoch TEXT NOT NULL,
  number BIGINT NOT NULL,
  node_id TEXT NOT NULL,
  up BIGINT NOT NULL,
  down BIGINT NOT NULL,
  PRIMARY KEY (gateway_id, epoch, number, node_id)
);

CREATE TABLE usage_daily (
  day TEXT NOT NULL,
  device_id TEXT NOT NULL REFERENCES devices (id),
  node_id TEXT NOT NULL REFERENCES nodes (id),
  up BIGINT NOT NULL,
  down BIGINT NOT NULL,
  PRIMARY KEY (day, device_id, node_id)
);
CREATE INDEX usage_daily_by_device ON usage_daily (device_id, day);

CREATE TABLE subscription_usage (
  subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
  period_start BIGINT NOT NULL,
  up BIGINT NOT NULL,
  down BIGINT NOT NULL,
  PRIMARY KEY (subscription_id, period_start)
);
