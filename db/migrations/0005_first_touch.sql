-- Who was first touched in a week, in a month or in between is found together with all that a filter looks at.
DROP INDEX customer_first_touch;
CREATE INDEX customer_first_touch ON customer (
  first_touch_at, id, deleted_at, sales, lead, gross_minor, refunds_minor, first_touch_day, curve_month, source, campaign, created_at, last_seen_at
) WHERE first_touch_at IS NOT NULL;
