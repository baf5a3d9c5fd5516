-- Customers with very many entries, and sales with very many refunds.

-- Derived: of a sale, what its refunds take of it in all, in its currency. So one more refund does not add them all up.
ALTER TABLE entry ADD COLUMN refunded_minor INTEGER;  -- null: not known, so that they are added up

-- What is still to be done for the erasure of a customer with very many entries, whom nobody can see any more. Each row is done in short writes,
-- and its position kept: entries of theirs to strip, by customer_id; clicks to pin; and what others' entries still say of them.
CREATE TABLE pending_erasure (
  customer_id INTEGER NOT NULL REFERENCES customer (id),
  kind        TEXT NOT NULL CHECK (kind IN ('click', 'entry', 'external_id', 'visitor', 'email', 'alias')),
  value       TEXT NOT NULL,               -- the externalId, visitorId or name; empty for entries and clicks
  up_to_id    INTEGER NOT NULL,            -- the newest entry at the erasure: later ones are not theirs
  after_value TEXT NOT NULL DEFAULT '',    -- clicks up to this clickId are done
  after_at    INTEGER NOT NULL DEFAULT -1, -- entries up to this timestamp, type and id are done
  after_type  INTEGER NOT NULL DEFAULT 0,
  after_id    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (customer_id, kind, value)
) STRICT, WITHOUT ROWID;
