-- Attribution of everybody is read from totals (definitions §9). The next start derives them from the log.

-- The texts of sources, campaigns and links, so that what follows can hold numbers.
CREATE TABLE credit_key (
  id   INTEGER PRIMARY KEY,
  text TEXT NOT NULL UNIQUE
) STRICT;

-- Derived: a customer's touches and counted sales, as they are added to the totals below. src/credit/activity.ts reads and writes the bytes.
CREATE TABLE customer_activity (
  customer_id INTEGER PRIMARY KEY,
  activity    BLOB NOT NULL
) STRICT;

-- Derived totals of everybody, in the attribution window of the workspace. grouping: 0 source, 1 campaign, 2 link. unit: 0 day, 1 month.
-- period: the day or month of the touches and of the sales, in the workspace's zone. The columns _sales are in ten-thousandths of a sale.
CREATE TABLE credit_total (
  grouping         INTEGER NOT NULL,
  unit             INTEGER NOT NULL,
  period           INTEGER NOT NULL,
  key_id           INTEGER NOT NULL,
  touches          INTEGER NOT NULL,
  clicks           INTEGER NOT NULL,
  last_sales       INTEGER NOT NULL,
  first_sales      INTEGER NOT NULL,
  linear_sales     INTEGER NOT NULL,
  position_sales   INTEGER NOT NULL,
  time_decay_sales INTEGER NOT NULL,
  last_minor       INTEGER NOT NULL,
  first_minor      INTEGER NOT NULL,
  linear_minor     INTEGER NOT NULL,
  position_minor   INTEGER NOT NULL,
  time_decay_minor INTEGER NOT NULL,
  PRIMARY KEY (grouping, unit, period, key_id)
) STRICT, WITHOUT ROWID;

-- How many customers are credited for a key in a period, by the last period before in which they were; -1000000: in none. So the distinct customers
-- of a range are those of its periods whose period before is not in it. grouping 3, key_id 0: customers with a sale. The columns are the touches
-- that get credit: the last or first of a sale, or every one.
CREATE TABLE credit_customer (
  grouping INTEGER NOT NULL,
  unit     INTEGER NOT NULL,
  period   INTEGER NOT NULL,
  previous INTEGER NOT NULL,
  key_id   INTEGER NOT NULL,
  last     INTEGER NOT NULL,
  first    INTEGER NOT NULL,
  every    INTEGER NOT NULL,
  PRIMARY KEY (grouping, unit, period, previous, key_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX credit_customer_previous ON credit_customer (grouping, previous, period, key_id, last, first, every) WHERE unit = 0 AND previous > -1000000;

-- What is still to be added to the two tables above, a batch of customers in each row. src/credit/sums-bytes.ts reads and writes the bytes.
CREATE TABLE credit_delta (
  id       INTEGER PRIMARY KEY,
  sums     BLOB NOT NULL,
  noted_at INTEGER NOT NULL
) STRICT;

-- Customers with very many entries, whose activity is still to be read again.
CREATE TABLE pending_credit (
  customer_id INTEGER PRIMARY KEY,
  version     INTEGER NOT NULL,
  noted_at    INTEGER NOT NULL
) STRICT;

CREATE INDEX entry_unconverted ON entry (at) WHERE type = 2 AND is_counted AND amount_minor IS NULL AND customer_id IS NOT NULL;
