-- A customer can have aliases: the ids that others have for them (definitions §5).

ALTER TABLE entry ADD COLUMN aliases TEXT;                 -- JSON array as sent, each alias once
ALTER TABLE profile_update ADD COLUMN aliases TEXT;        -- JSON array of what it brings, each alias once
ALTER TABLE profile_update ADD COLUMN known_alias TEXT;    -- of a customer known by this alias alone, like known_email
-- Said for an instant of another system's, so that called_at is that instant. Without an externalId it names its customer like an entry does.
ALTER TABLE profile_update ADD COLUMN is_said INTEGER NOT NULL DEFAULT 0 CHECK (is_said IN (0, 1));
ALTER TABLE customer ADD COLUMN known_alias TEXT;          -- the alias that is this customer's identity while they have no externalId
CREATE UNIQUE INDEX customer_known_alias ON customer (known_alias) WHERE known_alias IS NOT NULL;
CREATE INDEX profile_update_known_alias ON profile_update (known_alias) WHERE known_alias IS NOT NULL;
-- A log line of a customer known by name alone has that name as its key.
UPDATE profile_update SET key = known_email WHERE known_email IS NOT NULL;

-- Which entries and profile updates bring an alias.
CREATE TABLE entry_alias (
  alias    TEXT NOT NULL,
  entry_id INTEGER NOT NULL REFERENCES entry (id),
  PRIMARY KEY (alias, entry_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE profile_update_alias (
  alias             TEXT NOT NULL,
  profile_update_id INTEGER NOT NULL REFERENCES profile_update (id),
  PRIMARY KEY (alias, profile_update_id)
) STRICT, WITHOUT ROWID;

-- Claims to aliases are claims too. Those to names have ranks: of two claims, that of the lower rank wins, then the first in log order.
CREATE TABLE ranked_claim (
  kind              TEXT NOT NULL CHECK (kind IN ('click', 'visitor', 'email', 'alias')),
  value             TEXT NOT NULL,
  rank              INTEGER NOT NULL DEFAULT 1,  -- the columns of the tables of definitions §5; 1 for clicks and visitors
  at                INTEGER NOT NULL,        -- log order of the claim; −1: the click names its customer itself; −2: pinned_click
  type              INTEGER NOT NULL,
  key               TEXT NOT NULL,
  entry_id          INTEGER,                 -- who claims: an entry
  profile_update_id INTEGER,                 -- … or a profile update
  customer_id       INTEGER NOT NULL REFERENCES customer (id),
  PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
INSERT INTO ranked_claim (kind, value, at, type, key, entry_id, profile_update_id, customer_id)
SELECT kind, value, at, type, key, entry_id, profile_update_id, customer_id FROM claim ORDER BY kind, value;
UPDATE ranked_claim SET key = (SELECT key FROM profile_update WHERE id = profile_update_id)
WHERE profile_update_id IN (SELECT id FROM profile_update WHERE known_email IS NOT NULL);
DROP TABLE claim;
ALTER TABLE ranked_claim RENAME TO claim;
CREATE INDEX claim_customer ON claim (customer_id);

CREATE TABLE pending_move (
  kind     TEXT NOT NULL CHECK (kind IN ('click', 'visitor', 'email', 'alias')),
  value    TEXT NOT NULL,
  from_id  INTEGER NOT NULL,
  after_id INTEGER NOT NULL,           -- entry ids up to this one are done
  noted_at INTEGER NOT NULL DEFAULT 0, -- an instant at which the claim was not acknowledged yet
  PRIMARY KEY (kind, value, from_id)
) STRICT, WITHOUT ROWID;
INSERT INTO pending_move SELECT kind, value, from_id, after_id, noted_at FROM pending_reassignment;
DROP TABLE pending_reassignment;
ALTER TABLE pending_move RENAME TO pending_reassignment;
