-- What providers' webhooks brought. Nothing in these tables is personal: types, results, our own ids, and ids of orders, which entries keep
-- after an erasure too.

-- How many deliveries of a type had a result, and when the last one came. A bad signature has no type.
CREATE TABLE webhook_count (
  source  TEXT NOT NULL,
  type    TEXT NOT NULL,
  result  TEXT NOT NULL,
  reason  TEXT NOT NULL,  -- the same words for all of its kind; empty: none
  count   INTEGER NOT NULL,
  last_at INTEGER NOT NULL,
  PRIMARY KEY (source, type, result, reason)
) STRICT, WITHOUT ROWID;

-- How often a field of an entry was trimmed or left out, because it could not be stored as it came.
CREATE TABLE webhook_field (
  source TEXT NOT NULL,
  field  TEXT NOT NULL,
  count  INTEGER NOT NULL,
  PRIMARY KEY (source, field)
) STRICT, WITHOUT ROWID;

-- The last deliveries.
CREATE TABLE webhook_delivery (
  id         INTEGER PRIMARY KEY,
  source     TEXT NOT NULL,
  type       TEXT NOT NULL,
  result     TEXT NOT NULL,
  reason     TEXT NOT NULL,
  detail     TEXT,           -- of a conflict: both values
  entries    TEXT NOT NULL,  -- JSON: the row ids of its entries
  at         INTEGER NOT NULL,
  event_hash TEXT            -- of the event's id and meaning, keyed with the secret; null: it brought no profile
) STRICT;
CREATE INDEX webhook_delivery_event_hash ON webhook_delivery (event_hash) WHERE event_hash IS NOT NULL;

-- Sales that name nobody, so that they are in no figure.
CREATE TABLE webhook_unnamed_sale (
  source   TEXT NOT NULL,
  order_id TEXT NOT NULL,
  currency TEXT NOT NULL,
  value    INTEGER NOT NULL,  -- minor units
  PRIMARY KEY (source, order_id)
) STRICT, WITHOUT ROWID;

-- Refunds that came before their sale. Those whose sale has come since are deleted when the next one is stored.
CREATE TABLE webhook_waiting_refund (
  entry_id INTEGER PRIMARY KEY,
  source   TEXT NOT NULL
) STRICT;

-- Customers whose erasure a shop has asked for, until it is done.
CREATE TABLE webhook_erasure (customer_id INTEGER PRIMARY KEY) STRICT;

-- Customers who asked a shop for their data, until the request is closed or the customer is erased.
CREATE TABLE webhook_data_request (
  customer_id  INTEGER PRIMARY KEY,
  source       TEXT NOT NULL,
  requested_at INTEGER NOT NULL
) STRICT;
