-- Every import is a batch that can be undone. So it is known which rows it added, and which of them came by another way too.

-- Nothing in it is personal but the name of the file, which is the user's own.
CREATE TABLE import (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL,       -- of the file
  format      TEXT,                -- null: not known yet
  options     TEXT NOT NULL,       -- JSON
  state       TEXT NOT NULL CHECK (state IN ('reading', 'checked', 'writing', 'done', 'failed', 'undoing', 'undone')),
  is_spooled  INTEGER NOT NULL CHECK (is_spooled IN (0, 1)),  -- it came over HTTP, so its file is beside the database until it is done
  file_hash   TEXT,                -- of the content, keyed with the secret, so that an import that was cut goes on; null: from a pipe
  rows        INTEGER NOT NULL DEFAULT 0,  -- how many rows of the file are done
  report      TEXT NOT NULL,       -- JSON
  problem     TEXT,                -- why it failed
  created_at  INTEGER NOT NULL,
  finished_at INTEGER
) STRICT;

-- Rows with ids from first_id to last_id that an import added, or that it brought again although another import had added them. Import 0 stands
-- for all other ways. No row is added by two imports. Of the kind 'restored' are customers that a line of an exported workspace names.
CREATE TABLE import_span (
  kind      TEXT NOT NULL CHECK (kind IN ('entry', 'profile_update', 'customer', 'restored')),
  import_id INTEGER NOT NULL,
  is_added  INTEGER NOT NULL CHECK (is_added IN (0, 1)),
  first_id  INTEGER NOT NULL,
  last_id   INTEGER NOT NULL,
  PRIMARY KEY (kind, import_id, is_added, first_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_span_row ON import_span (kind, first_id) WHERE is_added;

-- The same of said statuses.
CREATE TABLE import_status (
  type      INTEGER NOT NULL,
  key       TEXT NOT NULL,
  at        INTEGER NOT NULL,
  status    TEXT NOT NULL,
  import_id INTEGER NOT NULL,
  is_added  INTEGER NOT NULL CHECK (is_added IN (0, 1)),
  PRIMARY KEY (type, key, at, status, import_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX import_status_import ON import_status (import_id);

-- The rates that an import set, and those that were there before. What another way sets since is not in here.
CREATE TABLE import_rate (
  currency  TEXT NOT NULL,
  day       INTEGER NOT NULL,
  import_id INTEGER NOT NULL,
  rate      TEXT NOT NULL,
  former    TEXT,
  position  INTEGER NOT NULL,          -- of two, the later one was set later
  PRIMARY KEY (currency, day, import_id)
) STRICT, WITHOUT ROWID;

-- What this update would have been if the customer, whom an import had made, had not been there: JSON of a creation.
ALTER TABLE profile_update ADD COLUMN otherwise TEXT;
CREATE INDEX profile_update_click ON profile_update (click_id) WHERE click_id IS NOT NULL;

-- Derived: what held this value has left the log, so all that bring it with ids above after_id are still to claim it again.
CREATE TABLE pending_claim (
  kind     TEXT NOT NULL CHECK (kind IN ('click', 'visitor', 'email', 'alias')),
  value    TEXT NOT NULL,
  from_id  INTEGER NOT NULL,           -- the customer who had it
  after_id INTEGER NOT NULL,           -- -1: the profile updates, too
  noted_at INTEGER NOT NULL,
  PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
