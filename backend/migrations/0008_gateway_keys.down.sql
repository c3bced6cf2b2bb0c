DROP TABLE managed_transfers;
DROP TABLE node_traffic_daily;
DROP TABLE node_counters;
DROP TABLE gateway_keys;
DROP TABLE node_keyrings;
