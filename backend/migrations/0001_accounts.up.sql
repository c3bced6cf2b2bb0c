CREATE TABLE users (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  email TEXT,
  state TEXT NOT NULL CHECK (state IN ('active', 'suspended')),
  note TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX users_name ON users (name);

CREATE TABLE plans (
  id TEXT PRIMARY KEY,
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  quota_bytes BIGINT,
  reset_period TEXT NOT NULL
    CHECK (reset_period IN ('none', 'day', 'week', 'month', 'month_rolling', 'year')),
  duration_days BIGINT,
  device_limit BIGINT NOT NULL CHECK (device_limit >= 1),
  session_limit BIGINT NOT NULL CHECK (session_limit >= 1),
  up_bps BIGINT,
  down_bps BIGINT,
  regions TEXT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX plans_code ON plans (code);

CREATE TABLE subscriptions (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  plan_id TEXT NOT NULL REFERENCES plans (id),
  state TEXT NOT NULL CHECK (state IN ('active', 'ended', 'cancelled')),
  suspended_at BIGINT,
  starts_at BIGINT NOT NULL,
  expires_at BIGINT,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX subscriptions_live ON subscriptions (user_id) WHERE state = 'active';

CREATE TABLE devices (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  subscription_id TEXT NOT NULL REFERENCES subscriptions (id),
  ticket_id TEXT NOT NULL,
  name TEXT NOT NULL,
  platform TEXT NOT NULL,
  public_key TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('active', 'revoked')),
  enrolled_at BIGINT NOT NULL,
  last_seen_at BIGINT,
  revoked_at BIGINT
);
CREATE UNIQUE INDEX devices_public_key ON devices (public_key);
CREATE INDEX devices_by_user ON devices (user_id, id);
CREATE INDEX devices_by_subscription ON devices (subscription_id, state, enrolled_at, id);

CREATE TABLE enrolment_tickets (
  id TEXT PRIMARY KEY,
  user_id TEXT NOT NULL REFERENCES users (id),
  gateway_id TEXT NOT NULL,
  max_uses BIGINT NOT NULL,
  uses BIGINT NOT NULL CHECK (uses <= max_uses),
  expires_at BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);

CREATE TABLE known_sessions (
  gateway_id TEXT NOT NULL,
  session TEXT NOT NULL,
  device_id TEXT NOT NULL,
  validated_at BIGINT NOT NULL,
  PRIMARY KEY (gateway_id, session)
);
CREATE INDEX known_sessions_age ON known_sessions (validated_at);

CREATE TABLE api_tokens (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  hash TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin')),
  created_at BIGINT NOT NULL,
  revoked_at BIGINT
);
CREATE UNIQUE INDEX api_tokens_hash ON api_tokens (hash);

CREATE TABLE audit_log (
  id TEXT PRIMARY KEY,
  at BIGINT NOT NULL,
  actor TEXT NOT NULL,
  request_id TEXT NOT NULL,
  action TEXT NOT NULL,
  object TEXT NOT NULL,
  detail TEXT NOT NULL
);

CREATE TABLE settings (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
);
