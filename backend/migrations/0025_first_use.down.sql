ALTER TABLE subscriptions DROP COLUMN awaits_use;
ALTER TABLE plans DROP COLUMN start_rule;
