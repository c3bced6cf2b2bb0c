CREATE TABLE node_keyrings (
  node_id TEXT PRIMARY KEY REFERENCES nodes (id),
  source TEXT NOT NULL CHECK (source IN ('agent', 'management')),
  method TEXT NOT NULL,
  revision BIGINT NOT NULL CHECK (revision >= 1),
  running_revision BIGINT NOT NULL,
  rollout TEXT NOT NULL CHECK (rollout IN ('waiting', 'running', 'failed')),
  reason TEXT NOT NULL,
  told_at BIGINT,
  sealed_management TEXT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE gateway_keys (
  id TEXT PRIMARY KEY,
  node_id TEXT NOT NULL REFERENCES nodes (id),
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  generation BIGINT NOT NULL CHECK (generation >= 1),
  state TEXT NOT NULL CHECK (state IN ('pending', 'active', 'retiring', 'removed')),
  method TEXT NOT NULL,
  sealed_secret TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  activated_at BIGINT,
  retire_at BIGINT,
  removed_at BIGINT,
  handed_at BIGINT
);
CREATE UNIQUE INDEX gateway_keys_by_generation ON gateway_keys (node_id, gateway_id, generation);
CREATE INDEX gateway_keys_by_gateway ON gateway_keys (gateway_id, state);
CREATE INDEX gateway_keys_by_state ON gateway_keys (state, id);

CREATE TABLE node_counters (
  node_id TEXT NOT NULL REFERENCES nodes (id),
  epoch TEXT NOT NULL,
  key_id TEXT NOT NULL,
  up BIGINT NOT NULL CHECK (up >= 0),
  down BIGINT NOT NULL CHECK (down >= 0),
  wire_up BIGINT NOT NULL CHECK (wire_up >= 0),
  wire_down BIGINT NOT NULL CHECK (wire_down >= 0),
  received_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, epoch, key_id)
);

CREATE TABLE node_traffic_daily (
  day TEXT NOT NULL,
  node_id TEXT NOT NULL REFERENCES nodes (id),
  key_id TEXT NOT NULL,
  gateway_id TEXT NOT NULL,
  up BIGINT NOT NULL,
  down BIGINT NOT NULL,
  PRIMARY KEY (day, node_id, key_id)
);

CREATE TABLE managed_transfers (
  node_id TEXT NOT NULL REFERENCES nodes (id),
  key_id TEXT NOT NULL,
  transferred BIGINT NOT NULL CHECK (transferred >= 0),
  read_at BIGINT NOT NULL,
  PRIMARY KEY (node_id, key_id)
);
