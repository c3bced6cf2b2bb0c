ALTER TABLE credentials DROP COLUMN revoked_at;
ALTER TABLE credentials DROP COLUMN renewal_asked_at;
ALTER TABLE credentials DROP COLUMN follows;
ALTER TABLE credentials DROP COLUMN expires_at;
