DROP TABLE quota_leases;
ALTER TABLE plans DROP COLUMN offline_bytes;
