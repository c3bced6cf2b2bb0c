ALTER TABLE regions DROP COLUMN country;
ALTER TABLE regions DROP COLUMN name;
ALTER TABLE nodes DROP COLUMN key_limit_bytes;
