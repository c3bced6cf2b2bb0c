CREATE TABLE seen_proofs (
  proof TEXT NOT NULL PRIMARY KEY,
  known_until BIGINT NOT NULL
);
CREATE INDEX seen_proofs_by_end ON seen_proofs (known_until);
