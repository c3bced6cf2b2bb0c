DROP TABLE assignments;
DROP TABLE heartbeats;
DROP TABLE join_tokens;
DROP TABLE credentials;
DROP TABLE gateways;
DROP TABLE access_keys;
DROP TABLE nodes;
DROP TABLE regions;
