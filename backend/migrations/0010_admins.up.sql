CREATE TABLE admins (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('read_only', 'support', 'admin')),
  state TEXT NOT NULL CHECK (state IN ('active', 'disabled')),
  password_hash TEXT NOT NULL,
  totp TEXT NOT NULL CHECK (totp IN ('off', 'pending', 'on')),
  totp_sealed TEXT NOT NULL,
  totp_step BIGINT NOT NULL,
  created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX admins_name ON admins (name);

CREATE TABLE recovery_codes (
  admin_id TEXT NOT NULL REFERENCES admins (id),
  hash TEXT NOT NULL,
  used_at BIGINT,
  PRIMARY KEY (admin_id, hash)
);
