-- Entries by the thousand that change hands are given to their new owner in short writes; and who has a million entries is found their name quickly.

-- Derived: the entries of a value, from after_id on, are still to be given to whoever has claimed it. Meanwhile the figures of that
-- customer, and of the one who had it (0: nobody), are not those of the log.
CREATE TABLE move (
  kind     TEXT NOT NULL CHECK (kind IN ('click', 'visitor', 'email')),
  value    TEXT NOT NULL,
  from_id  INTEGER NOT NULL,
  after_id INTEGER NOT NULL,           -- entry ids up to this one are done
  PRIMARY KEY (kind, value, from_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX entry_profile ON entry (customer_id, at, type)
  WHERE email IS NOT NULL OR name IS NOT NULL OR avatar IS NOT NULL OR country IS NOT NULL;
