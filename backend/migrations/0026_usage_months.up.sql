CREATE TABLE usage_monthly (
  month TEXT NOT NULL,
  device_id TEXT NOT NULL REFERENCES devices (id),
  node_id TEXT NOT NULL REFERENCES nodes (id),
  up BIGINT NOT NULL,
  down BIGINT NOT NULL,
  PRIMARY KEY (month, device_id, node_id)
);
CREATE INDEX usage_monthly_by_device ON usage_monthly (device_id, month);
