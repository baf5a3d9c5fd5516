-- An erased customer can have had very many names and profile updates, so these are worked off in short steps too.

-- Two more kinds: `claim`, what the customer has claimed besides clicks, each of which becomes a row of its own; `told`, their profile updates.
CREATE TABLE pending_erasure_with_names (
  customer_id INTEGER NOT NULL REFERENCES customer (id),
  kind        TEXT NOT NULL CHECK (kind IN ('click', 'told', 'claim', 'entry', 'external_id', 'visitor', 'email', 'alias')),
  value       TEXT NOT NULL,               -- the externalId, visitorId or name; empty for the first four kinds
  up_to_id    INTEGER NOT NULL,            -- the newest entry at the erasure: later ones are not theirs
  after_value TEXT NOT NULL DEFAULT '',    -- clicks up to this clickId are done
  after_at    INTEGER NOT NULL DEFAULT -1, -- entries up to this timestamp, type and id are done
  after_type  INTEGER NOT NULL DEFAULT 0,
  after_id    INTEGER NOT NULL DEFAULT 0,  -- or profile updates up to this id
  PRIMARY KEY (customer_id, kind, value)
) STRICT, WITHOUT ROWID;
INSERT INTO pending_erasure_with_names SELECT * FROM pending_erasure;
DROP TABLE pending_erasure;
ALTER TABLE pending_erasure_with_names RENAME TO pending_erasure;
CREATE TRIGGER tell_erasure_done AFTER DELETE ON pending_erasure
WHEN NOT EXISTS (SELECT 1 FROM pending_erasure WHERE customer_id = old.customer_id) BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('customer', old.customer_id));
END;

-- A customer can be told many times, but is created once: whoever looks for the creation must not read the rest.
CREATE INDEX profile_update_creation ON profile_update (customer_id, at) WHERE is_creation;
-- The same for whoever asks whether a profile update is there already.
CREATE INDEX profile_update_called ON profile_update (customer_id, called_at);
