DELETE FROM credentials WHERE revoked_at IS NOT NULL OR hash IN (
  SELECT follows FROM credentials WHERE used_at IS NOT NULL AND follows IS NOT NULL);
ALTER TABLE credentials DROP COLUMN revoked_at;
ALTER TABLE credentials DROP COLUMN renewal_asked_at;
ALTER TABLE credentials DROP COLUMN follows;
ALTER TABLE credentials DROP COLUMN expires_at;
