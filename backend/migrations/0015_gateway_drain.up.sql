ALTER TABLE gateways ADD COLUMN draining_since BIGINT;
ALTER TABLE heartbeats ADD COLUMN phase TEXT;
