DROP TABLE subscription_usage;
DROP TABLE usage_daily;
DROP TABLE usage_quarantine;
DROP TABLE session_traffic;
DROP TABLE usage_sessions;
DROP TABLE usage_epochs;
DROP TABLE usage_batches;
