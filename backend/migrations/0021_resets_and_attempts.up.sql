ALTER TABLE subscription_usage ADD COLUMN forgiven_up BIGINT NOT NULL DEFAULT 0;
ALTER TABLE subscription_usage ADD COLUMN forgiven_down BIGINT NOT NULL DEFAULT 0;
UPDATE subscription_usage SET forgiven_up = COALESCE((
    SELECT s.forgiven_up FROM subscriptions s WHERE s.id = subscription_usage.subscription_id
      AND s.forgiven_period = subscription_usage.period_start), 0);
UPDATE subscription_usage SET forgiven_down = COALESCE((
    SELECT s.forgiven_down FROM subscriptions s WHERE s.id = subscription_usage.subscription_id
      AND s.forgiven_period = subscription_usage.period_start), 0);
ALTER TABLE seen_proofs ADD COLUMN attempt TEXT NOT NULL DEFAULT '';
