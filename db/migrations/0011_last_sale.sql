-- Customers are listed by their last sale, and found by their email. Whoever has no sale comes before everybody who has: -1 is before 1970.
CREATE INDEX customer_by_last_sale_at ON customer (
  coalesce(last_sale_at, -1), id, sales, has_lead, gross_minor, refunds_minor, first_touch_day, cohort_month, source, campaign, first_touch_at,
  created_at, last_seen_at
) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;
-- Who of a source had a sale in a period: their months are compared before anybody is looked up.
CREATE INDEX customer_by_source ON customer (source, id, cohort_month) WHERE deleted_at IS NULL AND first_touch_at IS NOT NULL;
CREATE INDEX customer_by_email ON customer (email, id) WHERE email IS NOT NULL;
