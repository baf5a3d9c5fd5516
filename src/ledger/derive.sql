-- What are the customers of the batch (but for those with appended_from, see append.sql) by the log? Their facts (definitions §4, §6) and their cells of the curves (§8).
-- CROSS JOIN (and + before a column) keeps SQLite from starting anywhere but at the batch.
-- Types: 0 click, 1 lead, 2 sale, 4 refund, 5 creation. Nothing after :now is in the curves.
-- :updatedAt is null when nothing new was told and only the derived columns are computed again.

UPDATE customer SET
  updated_at = coalesce(:updatedAt, updated_at),
  (first_touch_at, source, campaign) = (
    SELECT at, coalesce(source, '(direct)'), coalesce(campaign, '(none)')
    FROM (SELECT * FROM (SELECT at, type, key, source, campaign FROM entry WHERE customer_id = customer.id ORDER BY at, type, key LIMIT 1)
          UNION ALL SELECT at, 5, key, source, campaign FROM profile_update WHERE customer_id = customer.id AND is_creation)
    ORDER BY at, type, key LIMIT 1),
  click_id = (SELECT click_id FROM entry WHERE customer_id = customer.id AND type = 0 ORDER BY at, key LIMIT 1),
  entries = (SELECT count(*) FROM entry WHERE customer_id = customer.id),
  last_seen_at = (
    SELECT max(at) FROM (SELECT max(at) AS at FROM entry WHERE customer_id = customer.id
                         UNION ALL SELECT max(at) FROM profile_update WHERE customer_id = customer.id AND is_creation)),
  (has_lead, sales, gross_minor, refunds_minor, first_sale_at, last_sale_at) = (
    SELECT coalesce(max(type = 1), 0),
           count(*) FILTER (WHERE type = 2 AND amount_minor IS NOT NULL),
           coalesce(sum(amount_minor) FILTER (WHERE type = 2), 0),
           coalesce(sum(amount_minor) FILTER (WHERE type = 4), 0),
           min(at) FILTER (WHERE type = 2 AND amount_minor IS NOT NULL),
           max(at) FILTER (WHERE type = 2 AND amount_minor IS NOT NULL)
    FROM entry WHERE customer_id = customer.id AND is_counted AND +type IN (1, 2, 4))
WHERE id IN (SELECT customer_id FROM temp.batch WHERE appended_from IS NULL);

UPDATE customer SET
  first_touch_day = local_day(first_touch_at),
  first_touch_month = month_of_day(local_day(first_touch_at)),
  cohort_month = CASE WHEN first_touch_at <= :now THEN local_month(first_touch_at) END
WHERE id IN (SELECT customer_id FROM temp.batch WHERE appended_from IS NULL);

DELETE FROM customer_cell WHERE customer_id IN (SELECT customer_id FROM temp.batch WHERE appended_from IS NULL);

INSERT INTO customer_cell (customer_id, month, period, revenue_minor, active_month, active_period, new_paying)
WITH money AS (
  SELECT e.customer_id, e.type, e.amount_minor,
         local_month(e.at) AS month,
         elapsed_period(c.first_touch_at, e.at) AS period,
         e.type = 2 AND row_number() OVER (PARTITION BY e.customer_id, e.type ORDER BY e.at, e.key) = 1 AS first_sale
  FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN entry AS e ON e.customer_id = c.id
  WHERE b.appended_from IS NULL AND e.is_counted AND +e.type IN (2, 4) AND e.amount_minor IS NOT NULL AND e.at <= :now
),
cell AS (
  SELECT customer_id, month, period,
         sum(CASE type WHEN 2 THEN amount_minor ELSE -amount_minor END) AS revenue_minor,
         max(type = 2) AS active,
         max(first_sale) AS new_paying
  FROM money GROUP BY 1, 2, 3
)
SELECT customer_id, month, period, revenue_minor,
       active AND row_number() OVER (PARTITION BY customer_id, active, month ORDER BY period) = 1,
       active AND row_number() OVER (PARTITION BY customer_id, active, period ORDER BY month) = 1,
       new_paying
FROM cell;

DELETE FROM customer_unconverted WHERE customer_id IN (SELECT customer_id FROM temp.batch WHERE appended_from IS NULL);

INSERT INTO customer_unconverted (customer_id, month, currency, sales, gross_minor, refunds_minor)
SELECT e.customer_id,
       CASE WHEN max(e.at, s.at) <= :now THEN local_month(max(e.at, s.at)) ELSE 999999 END, -- a refund is listed with its sale only
       s.currency,
       count(*) FILTER (WHERE e.type = 2),
       coalesce(sum(e.value) FILTER (WHERE e.type = 2), 0),
       coalesce(sum(e.applied_refund_minor) FILTER (WHERE e.type = 4), 0)
FROM temp.batch AS b
CROSS JOIN entry AS e ON e.customer_id = b.customer_id
CROSS JOIN entry AS s ON s.type = 2 AND s.key = CASE e.type WHEN 2 THEN e.key ELSE e.sale_key END
WHERE b.appended_from IS NULL AND e.is_counted AND +e.type IN (2, 4) AND e.amount_minor IS NULL
GROUP BY 1, 2, 3;

INSERT INTO stale (customer_id, due_at)
SELECT customer_id, due_at
FROM (SELECT b.customer_id,
             min(coalesce((SELECT min(at) FROM entry WHERE customer_id = b.customer_id AND at > :now), 9007199254740991),
                 coalesce((SELECT min(at) FROM profile_update WHERE customer_id = b.customer_id AND is_creation AND at > :now), 9007199254740991)) AS due_at
      FROM temp.batch AS b WHERE b.appended_from IS NULL)
WHERE due_at < 9007199254740991;
