ALTER TABLE regions DROP COLUMN longitude_millionths;
ALTER TABLE regions DROP COLUMN latitude_millionths;
