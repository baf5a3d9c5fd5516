-- Revenue over time: what customers add to the totals is kept by day instead of by month. The next start derives it from the log.

DROP TABLE customer_cell;
-- Derived: what a customer adds to revenue_day and ltv_cell. period: whole months since their first touch; month: months since year 0.
-- Both are 999999 for what is after the clock, which is in no curve.
CREATE TABLE customer_cell (
  customer_id      INTEGER NOT NULL,
  day              INTEGER NOT NULL,   -- in the workspace's zone, days since 1970-01-01
  month            INTEGER NOT NULL,
  period           INTEGER NOT NULL,
  sales            INTEGER NOT NULL,
  gross_minor      INTEGER NOT NULL,
  refunds_minor    INTEGER NOT NULL,
  first_sale_minor INTEGER NOT NULL,   -- the value of the first counted sale, if it is in this cell
  active_month     INTEGER NOT NULL,   -- 1 in the first cell of the month with a counted sale
  active_period    INTEGER NOT NULL,   -- 1 in the first cell of the period with a counted sale
  new_paying       INTEGER NOT NULL,   -- 1 in the cell of the first counted sale
  PRIMARY KEY (customer_id, day, period)
) STRICT, WITHOUT ROWID;

DROP TABLE customer_unconverted;
-- Derived: a customer's sales without a rate and their refunds, in their own money. month 999999: after the clock.
CREATE TABLE customer_unconverted (
  customer_id   INTEGER NOT NULL,
  month         INTEGER NOT NULL,      -- of the later of sale and refund
  first_day     INTEGER NOT NULL,      -- of the earlier of sale and refund; of a sale, its own day
  last_day      INTEGER NOT NULL,      -- of the later of the two
  currency      TEXT NOT NULL,
  sales         INTEGER NOT NULL,
  gross_minor   INTEGER NOT NULL,
  refunds_minor INTEGER NOT NULL,
  PRIMARY KEY (customer_id, month, first_day, last_day, currency)
) STRICT, WITHOUT ROWID;
DELETE FROM ltv_cell;
DELETE FROM unconverted_total;

-- Derived totals of everybody, by when things happened.
CREATE TABLE revenue_day (
  day              INTEGER PRIMARY KEY,
  new_paying       INTEGER NOT NULL,
  sales            INTEGER NOT NULL,
  gross_minor      INTEGER NOT NULL,
  refunds_minor    INTEGER NOT NULL,
  first_sale_minor INTEGER NOT NULL
) STRICT;

CREATE TABLE revenue_unconverted (
  first_day     INTEGER NOT NULL,
  last_day      INTEGER NOT NULL,
  currency      TEXT NOT NULL,
  sales         INTEGER NOT NULL,
  gross_minor   INTEGER NOT NULL,
  refunds_minor INTEGER NOT NULL,
  PRIMARY KEY (first_day, last_day, currency)
) STRICT, WITHOUT ROWID;

-- Where a range begins or ends within a day, sales, refunds and first sales are read one by one.
ALTER TABLE customer ADD COLUMN first_sale_minor INTEGER;
CREATE INDEX customer_first_sale ON customer (first_sale_at, id, first_sale_minor) WHERE first_sale_at IS NOT NULL;
CREATE INDEX entry_money ON entry (at, type, amount_minor, customer_id, is_counted) WHERE is_counted AND type IN (2, 4) AND customer_id IS NOT NULL;
