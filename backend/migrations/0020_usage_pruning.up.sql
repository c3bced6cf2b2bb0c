CREATE INDEX subscriptions_by_state ON subscriptions (state, id);
CREATE INDEX users_deleted ON users (id) WHERE deleted_at IS NOT NULL;
ALTER TABLE usage_epochs ADD COLUMN closed_at BIGINT;
ALTER TABLE usage_epochs ADD COLUMN begun_at BIGINT;
INSERT INTO usage_epochs (gateway_id, epoch, acked_through)
  SELECT DISTINCT gateway_id, epoch, 0 FROM usage_batches WHERE NOT EXISTS (
    SELECT 1 FROM usage_epochs WHERE usage_epochs.gateway_id = usage_batches.gateway_id
      AND usage_epochs.epoch = usage_batches.epoch);
