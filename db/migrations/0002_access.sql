-- Keys that expire, keys for browsers, and what requests with an Idempotency-Key came to.

ALTER TABLE api_key ADD COLUMN expires_at INTEGER;
ALTER TABLE api_key ADD COLUMN origins TEXT;  -- of a publishable key: the origins it is good from, comma separated; null: a secret key

-- No text of a caller's: hashes are keyed with the setting idempotency_secret, answers are made anew from ids.
CREATE TABLE idempotency (
  key_hash     TEXT PRIMARY KEY,       -- of the API key's id and the Idempotency-Key
  request_hash TEXT NOT NULL,          -- of path, query and body
  status       INTEGER NOT NULL,
  outcome      TEXT NOT NULL,          -- JSON: ids and flags
  made_at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_made_at ON idempotency (made_at);
