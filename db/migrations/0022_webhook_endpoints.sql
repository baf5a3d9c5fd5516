-- Webhooks out: whom to call when something has changed, and what waits to be sent. Nothing here is personal but what an operator writes into a
-- URL: a message has ids alone, and its payload is made at each attempt from the row as it is then.
-- The feed tells endpoints too, with the types 14 endpoint.created, 15 endpoint.updated, 16 endpoint.deleted. 17 is import.finished.

CREATE TABLE webhook_endpoint (
  number          INTEGER PRIMARY KEY AUTOINCREMENT,
  id              TEXT NOT NULL UNIQUE,
  key_id          TEXT NOT NULL,     -- of the key that made it, or changed it last; payloads carry what this key may read
  url             TEXT NOT NULL,
  events          TEXT NOT NULL,     -- comma separated
  threshold_minor INTEGER,           -- of ltv.reached, in minor units of the workspace's currency
  secret          TEXT NOT NULL,     -- signs what is sent, so it must be kept as it is
  created_at      INTEGER NOT NULL,
  from_entry_id   INTEGER NOT NULL,  -- the newest entry when it was made: what had been reached by then is not told
  seq             INTEGER NOT NULL,  -- up to which change the feed has been turned into messages
  failed_at       INTEGER            -- since when it is marked as failed, so that nothing is sent
) STRICT;

CREATE TABLE webhook_message (
  id           INTEGER PRIMARY KEY AUTOINCREMENT,
  webhook_id   TEXT NOT NULL UNIQUE, -- the same at each attempt
  endpoint     INTEGER NOT NULL REFERENCES webhook_endpoint (number) ON DELETE CASCADE,
  event        TEXT NOT NULL,
  subject      ANY NOT NULL,         -- the row number of a customer or an entry; of an import, its counts as JSON
  customer_id  INTEGER,              -- within a customer, messages are sent in order
  told_at      INTEGER NOT NULL,
  since_at     INTEGER NOT NULL,     -- from when it is tried for three days
  state        INTEGER NOT NULL DEFAULT 0 CHECK (state IN (0, 1, 2)),  -- 0 waiting, 1 delivered, 2 given up
  attempts     INTEGER NOT NULL DEFAULT 0,
  next_at      INTEGER,              -- when it is tried next; null while one of the same customer waits before it
  attempted_at INTEGER,
  status       INTEGER,              -- of the last answer
  problem      TEXT                  -- why the last attempt failed, in our words
) STRICT;
CREATE INDEX webhook_message_due ON webhook_message (endpoint, next_at) WHERE state = 0 AND next_at IS NOT NULL;
CREATE INDEX webhook_message_order ON webhook_message (endpoint, customer_id, id) WHERE state = 0;
CREATE INDEX webhook_message_done ON webhook_message (endpoint, state, id);

-- What is told of a customer or a refund once.
CREATE TABLE webhook_once (
  endpoint INTEGER NOT NULL REFERENCES webhook_endpoint (number) ON DELETE CASCADE,
  event    TEXT NOT NULL,
  subject  INTEGER NOT NULL,
  PRIMARY KEY (endpoint, event, subject)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tell_endpoint_created AFTER INSERT ON webhook_endpoint BEGIN
  INSERT INTO change (type, id) VALUES (14, new.id);
END;
CREATE TRIGGER tell_endpoint_updated AFTER UPDATE OF key_id, url, events, threshold_minor, failed_at ON webhook_endpoint BEGIN
  INSERT INTO change (type, id) VALUES (15, new.id);
END;
CREATE TRIGGER tell_endpoint_deleted AFTER DELETE ON webhook_endpoint BEGIN
  INSERT INTO change (type, id) VALUES (16, old.id);
END;
