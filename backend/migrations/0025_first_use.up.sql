ALTER TABLE plans ADD COLUMN start_rule TEXT NOT NULL DEFAULT 'now'
  CHECK (start_rule IN ('now', 'first_use'));
ALTER TABLE subscriptions ADD COLUMN awaits_use BIGINT NOT NULL DEFAULT 0;
