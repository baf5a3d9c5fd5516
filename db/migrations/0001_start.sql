-- What is told (the truth), then what is derived from it (can be thrown away and comes out the same).
-- Instants are integer milliseconds UTC, money is integer minor units, types are the ranks of the log order:
-- 0 click, 1 lead, 2 sale, 3 custom, 4 refund, 5 creation (or another telling of a customer).

CREATE TABLE setting (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
  id           TEXT PRIMARY KEY,
  name         TEXT,
  start        TEXT NOT NULL,          -- the first characters, to tell keys apart in a list
  hash         TEXT NOT NULL UNIQUE,   -- SHA-256 of the key, hexadecimal
  scopes       TEXT NOT NULL,          -- comma separated
  created_at   INTEGER NOT NULL,
  last_used_at INTEGER,
  revoked_at   INTEGER
) STRICT, WITHOUT ROWID;

CREATE TABLE rate (
  currency TEXT NOT NULL,
  day      INTEGER NOT NULL,           -- days since 1970-01-01 in the workspace's zone
  rate     TEXT NOT NULL,              -- exact decimal: units of the reporting currency for one unit
  PRIMARY KEY (currency, day)
) STRICT, WITHOUT ROWID;

-- A customer's record. From first_touch_at on, the columns are derived by src/ledger/.
CREATE TABLE customer (
  id              INTEGER PRIMARY KEY,
  external_id     TEXT UNIQUE,         -- the current one; former ones are in external_id
  known_email     TEXT UNIQUE,         -- the email that is this customer's identity while it has no externalId
  created_at      INTEGER NOT NULL,
  updated_at      INTEGER NOT NULL,
  deleted_at      INTEGER,             -- erased
  email           TEXT,
  name            TEXT,
  avatar          TEXT,
  country         TEXT,
  metadata        TEXT,                -- JSON object
  search_text     TEXT NOT NULL DEFAULT '',  -- name, email and externalId, case folded, a line each
  first_touch_at  INTEGER,             -- null: nothing is this customer's (any more), so it is nobody
  first_touch_day INTEGER,             -- in the workspace's zone, days since 1970-01-01
  first_touch_month INTEGER,           -- of that day, months since year 0
  curve_month     INTEGER,             -- months since year 0 of the first touch, once that is not after the clock
  source          TEXT,
  campaign        TEXT,
  click_id        TEXT,                -- of the earliest click
  last_seen_at    INTEGER,
  entries         INTEGER NOT NULL DEFAULT 0,
  lead            INTEGER NOT NULL DEFAULT 0 CHECK (lead IN (0, 1)),
  sales           INTEGER NOT NULL DEFAULT 0 CHECK (sales >= 0),
  gross_minor     INTEGER NOT NULL DEFAULT 0 CHECK (gross_minor >= 0),
  refunds_minor   INTEGER NOT NULL DEFAULT 0 CHECK (refunds_minor >= 0),
  first_sale_at   INTEGER,
  last_sale_at    INTEGER
) STRICT;
CREATE INDEX customer_erased ON customer (deleted_at) WHERE deleted_at IS NOT NULL;
CREATE INDEX customer_first_touch ON customer (first_touch_at, id) WHERE first_touch_at IS NOT NULL;
CREATE INDEX customer_first_touch_day ON customer (first_touch_day) WHERE first_touch_at IS NOT NULL;
-- One for each way in which a list can be sorted.
CREATE INDEX customer_by_created_at ON customer (created_at, id) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;
CREATE INDEX customer_by_last_seen_at ON customer (last_seen_at, id) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;
CREATE INDEX customer_by_ltv ON customer (gross_minor - refunds_minor, id) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;
CREATE INDEX customer_by_sales ON customer (sales, id) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;

-- Finds substrings of three characters and more. Deleting from it leaves no trace of the text.
CREATE VIRTUAL TABLE customer_search USING fts5 (search_text, content = 'customer', content_rowid = 'id', tokenize = 'trigram');
INSERT INTO customer_search (customer_search, rank) VALUES ('secure-delete', 1);
CREATE TRIGGER customer_search_follows AFTER UPDATE OF search_text ON customer WHEN old.search_text <> new.search_text BEGIN
  INSERT INTO customer_search (customer_search, rowid, search_text) SELECT 'delete', old.id, old.search_text WHERE old.search_text <> '';
  INSERT INTO customer_search (rowid, search_text) SELECT new.id, new.search_text WHERE new.search_text <> '';
END;

-- Every externalId that leads to a customer, current and former.
CREATE TABLE external_id (
  external_id TEXT PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customer (id)
) STRICT, WITHOUT ROWID;
CREATE INDEX external_id_customer ON external_id (customer_id);

-- The log.
CREATE TABLE entry (
  id           INTEGER PRIMARY KEY,
  type         INTEGER NOT NULL CHECK (type BETWEEN 0 AND 4),
  at           INTEGER NOT NULL CHECK (at >= 0),
  key          TEXT NOT NULL,          -- tells replays, within its type
  filled       INTEGER NOT NULL,       -- bits: which fields were not sent but filled in, see schema.ts
  received_at  INTEGER NOT NULL,
  external_id  TEXT,
  email        TEXT,
  name         TEXT,
  avatar       TEXT,
  country      TEXT,
  click_id     TEXT,
  visitor_id   TEXT,
  event        TEXT,
  event_id     TEXT,
  order_id     TEXT,
  value        INTEGER CHECK (value >= 0),  -- minor units of currency; of a refund without currency: ten-thousandths
  currency     TEXT,
  sent_status  TEXT,                   -- as sent, for telling replays
  set_status   TEXT,                   -- as sent or set since
  link         TEXT,
  campaign     TEXT,
  source       TEXT,
  medium       TEXT,
  url          TEXT,
  referrer     TEXT,
  metadata     TEXT,                   -- JSON object
  named_id     INTEGER REFERENCES customer (id),  -- to whom externalId led on arrival
  frozen_id    INTEGER REFERENCES customer (id),  -- whose it was when they were erased
  sale_key     TEXT,                   -- of a refund: the key of its sale
  -- derived
  customer_id  INTEGER REFERENCES customer (id),  -- whose it is
  status       TEXT,                   -- set_status, or refunded
  counts       INTEGER NOT NULL DEFAULT 0 CHECK (counts IN (0, 1)),  -- a lead, a sale or a sale's refund that is not left out for its status
  taken_minor  INTEGER,                -- of a refund: what it takes of its sale, in the sale's currency
  amount_minor INTEGER,                -- of a sale or refund: in the reporting currency; null while there is no rate
  rate_day     INTEGER,                -- of a sale in another currency: its day, days since 1970-01-01
  UNIQUE (type, key)
) STRICT;
CREATE INDEX entry_customer ON entry (customer_id, at, type) WHERE customer_id IS NOT NULL;
CREATE INDEX entry_click ON entry (click_id) WHERE click_id IS NOT NULL;
CREATE INDEX entry_visitor ON entry (visitor_id) WHERE visitor_id IS NOT NULL;
CREATE INDEX entry_email ON entry (email) WHERE email IS NOT NULL;
CREATE INDEX entry_refund ON entry (sale_key) WHERE type = 4;
CREATE INDEX entry_refund_named ON entry (external_id) WHERE type = 4;
CREATE INDEX entry_foreign ON entry (currency, rate_day) WHERE rate_day IS NOT NULL;

-- What was told of customers by POST and PATCH /customers: creations, claims, changes.
CREATE TABLE telling (
  id          INTEGER PRIMARY KEY,     -- in the order of the calls
  customer_id INTEGER NOT NULL REFERENCES customer (id),
  known_email TEXT,                    -- told of a customer known by this email alone: whose it is goes with the email
  made        INTEGER NOT NULL CHECK (made IN (0, 1)),  -- this telling made the customer, so it is a touch
  at          INTEGER NOT NULL,        -- createdAt if it made the customer, else the time of the call
  called_at   INTEGER NOT NULL,
  key         TEXT NOT NULL,           -- the customer's externalId, for the log order
  email       TEXT,
  click_id    TEXT,
  visitor_id  TEXT,
  source      TEXT,
  campaign    TEXT,
  profile     TEXT NOT NULL            -- JSON: name, avatar, country, email, metadata as told; null clears
) STRICT;
CREATE INDEX telling_customer ON telling (customer_id);
CREATE INDEX telling_known_email ON telling (known_email) WHERE known_email IS NOT NULL;
CREATE INDEX telling_visitor ON telling (visitor_id) WHERE visitor_id IS NOT NULL;
CREATE INDEX telling_email ON telling (email) WHERE email IS NOT NULL;

-- The clickIds of the erased: they go on leading to the nameless record, whoever names them later.
CREATE TABLE held_click (
  click_id    TEXT PRIMARY KEY,
  customer_id INTEGER NOT NULL REFERENCES customer (id)
) STRICT, WITHOUT ROWID;

-- Derived: whose a clickId, visitorId or email is, by the first in log order that claimed it.
CREATE TABLE claim (
  kind        TEXT NOT NULL CHECK (kind IN ('click', 'visitor', 'email')),
  value       TEXT NOT NULL,
  at          INTEGER NOT NULL,        -- log order of the claim; −1: the click names its customer itself; −2: held_click
  type        INTEGER NOT NULL,
  key         TEXT NOT NULL,
  entry_id    INTEGER,                 -- who claims: an entry
  telling_id  INTEGER,                 -- … or a telling
  customer_id INTEGER NOT NULL REFERENCES customer (id),
  PRIMARY KEY (kind, value)
) STRICT, WITHOUT ROWID;
CREATE INDEX claim_customer ON claim (customer_id);

-- Derived: customers whose derived columns and shares of the totals below are to be computed anew, from due_at on.
-- appended_from: nothing but entries from this id on is new, each later in log order than all of the customer's before it.
CREATE TABLE stale (
  customer_id   INTEGER PRIMARY KEY REFERENCES customer (id),
  due_at        INTEGER NOT NULL,
  appended_from INTEGER
) STRICT;
CREATE INDEX stale_due ON stale (due_at);

-- Derived: a customer's share of ltv_cell. period: whole months since their first touch; month: months since year 0.
CREATE TABLE customer_cell (
  customer_id     INTEGER NOT NULL,
  month           INTEGER NOT NULL,
  period          INTEGER NOT NULL,
  revenue_minor   INTEGER NOT NULL,
  active_month    INTEGER NOT NULL,    -- 1 in the first cell of the month with a counted sale
  active_period   INTEGER NOT NULL,    -- 1 in the first cell of the period with a counted sale
  new_paying      INTEGER NOT NULL,    -- 1 in the cell of the first counted sale
  PRIMARY KEY (customer_id, month, period)
) STRICT, WITHOUT ROWID;

-- Derived: a customer's sales without a rate, in their own money. month 999999: after the clock.
CREATE TABLE customer_unconverted (
  customer_id   INTEGER NOT NULL,
  month         INTEGER NOT NULL,
  currency      TEXT NOT NULL,
  sales         INTEGER NOT NULL,
  gross_minor   INTEGER NOT NULL,
  refunds_minor INTEGER NOT NULL,
  PRIMARY KEY (customer_id, month, currency)
) STRICT, WITHOUT ROWID;

-- Derived totals: reports read these, so what they cost does not depend on the log. Rows that fell to nothing may stay, with zeros.
CREATE TABLE cohort_day (
  day              INTEGER PRIMARY KEY,  -- of the first touch
  customers        INTEGER NOT NULL,
  leads            INTEGER NOT NULL,
  paying_customers INTEGER NOT NULL,
  sales            INTEGER NOT NULL,
  gross_minor      INTEGER NOT NULL,
  refunds_minor    INTEGER NOT NULL,
  repeat_customers INTEGER NOT NULL
) STRICT;

CREATE TABLE cohort_key (
  grouping         TEXT NOT NULL CHECK (grouping IN ('campaign', 'source')),
  key              TEXT NOT NULL,
  customers        INTEGER NOT NULL,
  leads            INTEGER NOT NULL,
  paying_customers INTEGER NOT NULL,
  sales            INTEGER NOT NULL,
  gross_minor      INTEGER NOT NULL,
  refunds_minor    INTEGER NOT NULL,
  repeat_customers INTEGER NOT NULL,
  PRIMARY KEY (grouping, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE cohort_key_day (
  grouping         TEXT NOT NULL CHECK (grouping IN ('campaign', 'source')),
  day              INTEGER NOT NULL,
  key              TEXT NOT NULL,
  customers        INTEGER NOT NULL,
  leads            INTEGER NOT NULL,
  paying_customers INTEGER NOT NULL,
  sales            INTEGER NOT NULL,
  gross_minor      INTEGER NOT NULL,
  refunds_minor    INTEGER NOT NULL,
  repeat_customers INTEGER NOT NULL,
  PRIMARY KEY (grouping, day, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE cohort_key_month (
  grouping         TEXT NOT NULL CHECK (grouping IN ('campaign', 'source')),
  month            INTEGER NOT NULL,     -- of the first touch, months since year 0
  key              TEXT NOT NULL,
  customers        INTEGER NOT NULL,
  leads            INTEGER NOT NULL,
  paying_customers INTEGER NOT NULL,
  sales            INTEGER NOT NULL,
  gross_minor      INTEGER NOT NULL,
  refunds_minor    INTEGER NOT NULL,
  repeat_customers INTEGER NOT NULL,
  PRIMARY KEY (grouping, month, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE ltv_cohort (
  cohort_month INTEGER PRIMARY KEY,    -- months since year 0
  customers    INTEGER NOT NULL
) STRICT;

CREATE TABLE ltv_cell (
  cohort_month  INTEGER NOT NULL,
  month         INTEGER NOT NULL,
  period        INTEGER NOT NULL,
  revenue_minor INTEGER NOT NULL,
  active_month  INTEGER NOT NULL,
  active_period INTEGER NOT NULL,
  new_paying    INTEGER NOT NULL,
  PRIMARY KEY (cohort_month, month, period)
) STRICT, WITHOUT ROWID;

CREATE TABLE unconverted_total (
  day           INTEGER NOT NULL,      -- of the customer's first touch
  month         INTEGER NOT NULL,      -- of the sale or refund; 999999: after the clock
  currency      TEXT NOT NULL,
  sales         INTEGER NOT NULL,
  gross_minor   INTEGER NOT NULL,
  refunds_minor INTEGER NOT NULL,
  PRIMARY KEY (day, month, currency)
) STRICT, WITHOUT ROWID;
