CREATE TABLE enrolment_codes (
  hash TEXT PRIMARY KEY,
  ticket_id TEXT NOT NULL REFERENCES enrolment_tickets (id),
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  taken_by TEXT,
  taken_at BIGINT
);
CREATE INDEX enrolment_codes_by_end ON enrolment_codes (expires_at);
