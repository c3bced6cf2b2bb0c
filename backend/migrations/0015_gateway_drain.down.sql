ALTER TABLE heartbeats DROP COLUMN phase;
ALTER TABLE gateways DROP COLUMN draining_since;
