CREATE TABLE regions (
  code TEXT PRIMARY KEY,
  created_at BIGINT NOT NULL
);

CREATE TABLE nodes (
  id TEXT PRIMARY KEY,
  region TEXT NOT NULL REFERENCES regions (code),
  name TEXT NOT NULL,
  host TEXT NOT NULL,
  port BIGINT NOT NULL CHECK (port BETWEEN 1 AND 65535),
  weight BIGINT NOT NULL CHECK (weight >= 1),
  state TEXT NOT NULL CHECK (state IN ('enabled', 'draining', 'disabled')),
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX nodes_name ON nodes (name);
CREATE INDEX nodes_by_region ON nodes (region, state);

CREATE TABLE access_keys (
  id TEXT PRIMARY KEY,
  node_id TEXT NOT NULL REFERENCES nodes (id),
  generation BIGINT NOT NULL,
  method TEXT NOT NULL,
  sealed_url TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX access_keys_by_node ON access_keys (node_id, generation);

CREATE TABLE gateways (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  region TEXT NOT NULL REFERENCES regions (code),
  host TEXT NOT NULL,
  addresses TEXT NOT NULL,
  pins TEXT NOT NULL,
  x25519_public TEXT NOT NULL,
  path TEXT NOT NULL,
  cookie TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'approved', 'disabled')),
  created_at BIGINT NOT NULL,
  approved_at BIGINT
);
CREATE UNIQUE INDEX gateways_name ON gateways (name);
CREATE INDEX gateways_by_state ON gateways (state, id);

CREATE TABLE credentials (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL CHECK (kind IN ('gateway', 'node')),
  owner TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  used_at BIGINT
);
CREATE INDEX credentials_by_owner ON credentials (owner);

CREATE TABLE join_tokens (
  hash TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  region TEXT NOT NULL,
  expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL,
  used_by TEXT
);

CREATE TABLE heartbeats (
  owner TEXT PRIMARY KEY,
  received_at BIGINT NOT NULL,
  region TEXT NOT NULL,
  uptime_seconds BIGINT NOT NULL,
  active_sessions BIGINT NOT NULL,
  cpu_load_millionths BIGINT NOT NULL,
  mem_load_millionths BIGINT NOT NULL,
  bytes_up BIGINT NOT NULL,
  bytes_down BIGINT NOT NULL,
  last_error TEXT NOT NULL,
  sent_at BIGINT NOT NULL
);

CREATE TABLE assignments (
  device_id TEXT PRIMARY KEY REFERENCES devices (id),
  gateway_id TEXT NOT NULL REFERENCES gateways (id),
  region TEXT NOT NULL,
  node_id TEXT NOT NULL REFERENCES nodes (id),
  lease_until BIGINT NOT NULL
);
