ALTER TABLE regions ADD COLUMN latitude_millionths BIGINT;
ALTER TABLE regions ADD COLUMN longitude_millionths BIGINT;
