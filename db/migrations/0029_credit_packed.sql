-- What attribution adds to its totals is kept in fewer rows: counts of customers are packed, and what is new waits longer, because reports add it
-- themselves. Totals are added up anew in the background, from the activities of customers.

DROP INDEX credit_customer_previous;
DROP TABLE credit_customer;
DROP TABLE credit_delta;
DELETE FROM credit_total;

-- How many customers are credited for a key in a period, by the last day before it on which they were. So the distinct customers of a range are
-- those of its periods whose day before is not in it. grouping and unit: see credit_total; grouping 3, key_id 0: customers with a sale.
-- src/credit/pair-counts.ts reads and writes the bytes.
CREATE TABLE credit_customer (
  grouping INTEGER NOT NULL,
  unit     INTEGER NOT NULL,
  period   INTEGER NOT NULL,
  key_id   INTEGER NOT NULL,
  counts   BLOB NOT NULL,
  PRIMARY KEY (grouping, unit, period, key_id)
) STRICT, WITHOUT ROWID;

-- What is still to be added to credit_total and credit_customer. src/credit/sums-bytes.ts reads and writes the bytes.
CREATE TABLE credit_delta (
  id       INTEGER PRIMARY KEY,
  sums     BLOB NOT NULL,
  noted_at INTEGER NOT NULL
) STRICT;

-- There is one row while the totals are being added up anew: customers after last_customer_id are not in them yet.
CREATE TABLE credit_adding_up (
  id               INTEGER PRIMARY KEY CHECK (id = 1),
  last_customer_id INTEGER NOT NULL
) STRICT;
INSERT INTO credit_adding_up SELECT 1, 0 WHERE EXISTS (SELECT 1 FROM customer_activity);
