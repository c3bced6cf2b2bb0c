CREATE TABLE usage_unposted_left (batches BIGINT NOT NULL CHECK (batches = 0));
INSERT INTO usage_unposted_left SELECT COUNT(*) FROM usage_unposted;
DROP TABLE usage_unposted_left;
DROP TABLE usage_unposted;
ALTER TABLE regions DROP COLUMN country;
ALTER TABLE regions DROP COLUMN name;
ALTER TABLE nodes DROP COLUMN key_limit_bytes;
