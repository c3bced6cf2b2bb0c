ALTER TABLE seen_proofs DROP COLUMN attempt;
ALTER TABLE subscription_usage DROP COLUMN forgiven_down;
ALTER TABLE subscription_usage DROP COLUMN forgiven_up;
