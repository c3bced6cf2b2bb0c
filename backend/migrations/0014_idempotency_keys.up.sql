CREATE TABLE idempotency_keys (
  id TEXT PRIMARY KEY,
  word TEXT NOT NULL,
  actor TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('claimed', 'changed', 'answered', 'unkept')),
  answer_sealed TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  claimed_at BIGINT NOT NULL
);
CREATE INDEX idempotency_keys_by_actor ON idempotency_keys (actor);
CREATE INDEX idempotency_keys_by_time ON idempotency_keys (created_at);
