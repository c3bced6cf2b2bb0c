UPDATE subscriptions SET expires_at = starts_at + 86400000000 * (
  SELECT p.duration_days FROM plans p WHERE p.id = subscriptions.plan_id)
WHERE awaits_use = 1 AND expires_at IS NULL;
ALTER TABLE subscriptions DROP COLUMN awaits_use;
ALTER TABLE plans DROP COLUMN start_rule;
