-- Lists of customers at a million of them: what a filter looks at is in one index, and what a search looks at in another.

-- Counts of filters read this one alone; so do pages in the order of createdAt.
DROP INDEX customer_by_created_at;
CREATE INDEX customer_by_created_at ON customer (
  created_at, id, sales, lead, gross_minor, refunds_minor, first_touch_day, curve_month, source, campaign, first_touch_at, last_seen_at
) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;
-- Weeks and months are read there too.
DROP INDEX customer_first_touch_day;
-- Pages far from both ends, also of leads or of who paid, read no customer that is not shown.
DROP INDEX customer_first_touch;
CREATE INDEX customer_first_touch ON customer (first_touch_at, id, deleted_at, sales, lead) WHERE first_touch_at IS NOT NULL;
DROP INDEX customer_by_last_seen_at;
CREATE INDEX customer_by_last_seen_at ON customer (last_seen_at, id, sales, lead) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;
DROP INDEX customer_by_ltv;
CREATE INDEX customer_by_ltv ON customer (gross_minor - refunds_minor, id, sales, lead) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;
DROP INDEX customer_by_sales;
CREATE INDEX customer_by_sales ON customer (sales, id, lead) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;

-- What customer_search cannot find, or would find too often, is looked for in a row. Sparse: those who are searched and not listed.
CREATE INDEX customer_text ON customer (id, search_text);
CREATE INDEX customer_nobody ON customer (id) WHERE deleted_at IS NULL AND first_touch_at IS NULL;
