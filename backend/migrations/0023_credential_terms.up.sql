ALTER TABLE credentials ADD COLUMN expires_at BIGINT;
ALTER TABLE credentials ADD COLUMN follows TEXT;
ALTER TABLE credentials ADD COLUMN renewal_asked_at BIGINT;
ALTER TABLE credentials ADD COLUMN revoked_at BIGINT;
