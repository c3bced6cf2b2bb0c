ALTER TABLE nodes DROP COLUMN labels;
ALTER TABLE nodes DROP COLUMN max_sessions;
ALTER TABLE nodes DROP COLUMN capacity_bps;
