-- What one write can change without limit is done in short steps: sales of a currency after a new rate, the refunds of a sale, and entries that
-- go with a click or a sale to another customer.

-- Derived: the sales of a currency on the days from (day, after_id) on, before to_day, are still to be revalued.
CREATE TABLE pending_rate (
  currency TEXT NOT NULL,
  from_day INTEGER NOT NULL,
  to_day   INTEGER NOT NULL,
  day      INTEGER NOT NULL,           -- sales before this day are done
  after_id INTEGER NOT NULL,           -- and on this day those with ids up to this one
  noted_at INTEGER NOT NULL,
  PRIMARY KEY (currency, from_day, to_day)
) STRICT, WITHOUT ROWID;

-- Derived: the refunds of a sale from (at, key) on, in log order, are still to be revalued.
CREATE TABLE pending_sale (
  sale_key TEXT PRIMARY KEY,
  at       INTEGER NOT NULL,
  key      TEXT NOT NULL,
  noted_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Derived: the entries of a click (all but the click), or the refunds of a sale, with ids above after_id are still to follow it to its owner.
CREATE TABLE pending_follow (
  kind     TEXT NOT NULL CHECK (kind IN ('click', 'sale')),
  value    TEXT NOT NULL,
  from_id  INTEGER NOT NULL,           -- the customer who had them; 0: nobody
  after_id INTEGER NOT NULL,
  noted_at INTEGER NOT NULL,
  PRIMARY KEY (kind, value, from_id)
) STRICT, WITHOUT ROWID;

-- The refunds of a sale in log order, with all that their sums need.
CREATE INDEX entry_refund_order ON entry (sale_key, at, key, applied_refund_minor, value, currency, set_status) WHERE type = 4;
