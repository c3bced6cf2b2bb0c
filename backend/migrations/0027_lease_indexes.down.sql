DROP INDEX quota_leases_open;
DROP INDEX quota_leases_of_gateway;
CREATE INDEX quota_leases_open ON quota_leases (subscription_id) WHERE granted > rolled_up;
CREATE INDEX quota_leases_of_gateway ON quota_leases (gateway_id, epoch) WHERE granted > rolled_up;
