ALTER TABLE gateways DROP COLUMN max_sessions;
ALTER TABLE gateways DROP COLUMN capacity_bps;
ALTER TABLE gateways DROP COLUMN weight;
