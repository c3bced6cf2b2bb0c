ALTER TABLE nodes DROP COLUMN key_limit_bytes;
