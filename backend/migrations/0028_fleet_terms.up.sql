ALTER TABLE nodes ADD COLUMN key_limit_bytes BIGINT;
