-- What do entries that come after all others of their customer add? Such a customer's columns and cells (derive.sql) grow without reading the rest.
-- The batch says from which entry on. Types: 0 click, 1 lead, 2 sale, 4 refund. None of them is after the clock.

INSERT INTO temp.arrival (customer_id, at, type, key, click_id, is_counted, value, applied_refund_minor, amount_minor, sale_key, month, period)
SELECT e.customer_id, e.at, e.type, e.key, e.click_id, e.is_counted, e.value, e.applied_refund_minor, e.amount_minor, e.sale_key,
       CASE WHEN e.is_counted AND e.type IN (2, 4) THEN local_month(e.at) END, CASE WHEN e.is_counted AND e.type IN (2, 4) THEN elapsed_period(c.first_touch_at, e.at) END
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id
CROSS JOIN entry AS e ON e.customer_id = c.id AND e.at >= c.last_seen_at AND +e.id >= b.appended_from
WHERE b.appended_from IS NOT NULL;

INSERT INTO temp.added_cell (customer_id, month, period, revenue_minor, active_month, active_period, new_paying)
WITH cell AS (
  SELECT a.customer_id, a.month, a.period,
         sum(CASE a.type WHEN 2 THEN a.amount_minor ELSE -a.amount_minor END) AS revenue_minor,
         max(a.type = 2) AS active,
         max(a.is_first_sale AND c.sales = 0) AS new_paying
  FROM (SELECT *, type = 2 AND row_number() OVER (PARTITION BY customer_id, type ORDER BY at, key) = 1 AS is_first_sale
        FROM temp.arrival WHERE is_counted AND type IN (2, 4) AND amount_minor IS NOT NULL) AS a
  CROSS JOIN customer AS c ON c.id = a.customer_id
  GROUP BY 1, 2, 3
)
SELECT customer_id, month, period, revenue_minor,
       active AND row_number() OVER (PARTITION BY customer_id, active, month ORDER BY period) = 1
         AND NOT EXISTS (SELECT 1 FROM customer_cell AS m WHERE m.customer_id = cell.customer_id AND m.month = cell.month AND m.active_month),
       active AND row_number() OVER (PARTITION BY customer_id, active, period ORDER BY month) = 1
         AND NOT EXISTS (SELECT 1 FROM customer_cell AS m WHERE m.customer_id = cell.customer_id AND m.period = cell.period AND m.active_period),
       new_paying
FROM cell;

INSERT INTO customer_cell AS t (customer_id, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT customer_id, month, period, revenue_minor, active_month, active_period, new_paying FROM temp.added_cell WHERE true
ON CONFLICT DO UPDATE SET
  revenue_minor = t.revenue_minor + excluded.revenue_minor, active_month = t.active_month + excluded.active_month,
  active_period = t.active_period + excluded.active_period, new_paying = t.new_paying + excluded.new_paying;

INSERT INTO temp.cell_change (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT c.cohort_month, a.month, a.period, a.revenue_minor, a.active_month, a.active_period, a.new_paying
FROM temp.added_cell AS a CROSS JOIN customer AS c ON c.id = a.customer_id
WHERE c.cohort_month IS NOT NULL;

INSERT INTO temp.added_unconverted (customer_id, month, currency, sales, gross_minor, refunds_minor)
SELECT a.customer_id, a.month, s.currency,
       count(*) FILTER (WHERE a.type = 2),
       coalesce(sum(a.value) FILTER (WHERE a.type = 2), 0),
       coalesce(sum(a.applied_refund_minor) FILTER (WHERE a.type = 4), 0)
FROM temp.arrival AS a CROSS JOIN entry AS s ON s.type = 2 AND s.key = CASE a.type WHEN 2 THEN a.key ELSE a.sale_key END
WHERE a.is_counted AND a.type IN (2, 4) AND a.amount_minor IS NULL
GROUP BY 1, 2, 3;

INSERT INTO customer_unconverted AS t (customer_id, month, currency, sales, gross_minor, refunds_minor)
SELECT customer_id, month, currency, sales, gross_minor, refunds_minor FROM temp.added_unconverted WHERE true
ON CONFLICT DO UPDATE SET
  sales = t.sales + excluded.sales, gross_minor = t.gross_minor + excluded.gross_minor, refunds_minor = t.refunds_minor + excluded.refunds_minor;

INSERT INTO temp.unconverted_change (day, month, currency, sales, gross_minor, refunds_minor)
SELECT c.first_touch_day, a.month, a.currency, a.sales, a.gross_minor, a.refunds_minor
FROM temp.added_unconverted AS a CROSS JOIN customer AS c ON c.id = a.customer_id;

-- Almost every column that is set is in some index: who has no new money, and no first lead, is not written there.
UPDATE customer SET
  updated_at = coalesce(:updatedAt, updated_at),
  entries = customer.entries + more.entries,
  click_id = coalesce(customer.click_id, (SELECT click_id FROM temp.arrival WHERE customer_id = customer.id AND type = 0 ORDER BY at, key LIMIT 1)),
  last_seen_at = more.last_seen_at
FROM (SELECT customer_id, count(*) AS entries, max(at) AS last_seen_at FROM temp.arrival GROUP BY 1) AS more
WHERE customer.id = more.customer_id;

UPDATE customer SET has_lead = 1
WHERE id IN (SELECT customer_id FROM temp.arrival WHERE type = 1 AND is_counted) AND NOT has_lead;

UPDATE customer SET
  sales = customer.sales + more.sales,
  gross_minor = customer.gross_minor + more.gross_minor,
  refunds_minor = customer.refunds_minor + more.refunds_minor,
  first_sale_at = coalesce(customer.first_sale_at, more.first_sale_at),
  last_sale_at = coalesce(more.last_sale_at, customer.last_sale_at)
FROM (
  SELECT customer_id,
         count(*) FILTER (WHERE type = 2) AS sales,
         coalesce(sum(amount_minor) FILTER (WHERE type = 2), 0) AS gross_minor,
         coalesce(sum(amount_minor) FILTER (WHERE type = 4), 0) AS refunds_minor,
         min(at) FILTER (WHERE type = 2) AS first_sale_at,
         max(at) FILTER (WHERE type = 2) AS last_sale_at
  FROM temp.arrival WHERE is_counted AND type IN (2, 4) AND amount_minor IS NOT NULL GROUP BY 1
) AS more
WHERE customer.id = more.customer_id;

DELETE FROM temp.arrival;
DELETE FROM temp.added_cell;
DELETE FROM temp.added_unconverted;
