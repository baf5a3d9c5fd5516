-- Who is signed in to the dashboard. The hash is of a random token, which only the browser has; it ends with its key or after 12 hours.
CREATE TABLE session (
  hash TEXT PRIMARY KEY,
  key_id TEXT NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_by_expiry ON session (expires_at);
