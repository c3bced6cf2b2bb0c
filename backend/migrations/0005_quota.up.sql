ALTER TABLE plans ADD COLUMN offline_bytes BIGINT;

CREATE TABLE quota_leases (
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  epoch TEXT NOT NULL,
  subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
  granted BIGINT NOT NULL CHECK (granted >= 0),
  rolled_up BIGINT NOT NULL CHECK (rolled_up >= 0),
  renewed_at BIGINT NOT NULL,
  PRIMARY KEY (gateway_id, epoch, subscription_id)
);
CREATE INDEX quota_leases_open ON quota_leases (subscription_id) WHERE granted > rolled_up;
CREATE INDEX quota_leases_of_gateway ON quota_leases (gateway_id, epoch) WHERE granted > rolled_up;
