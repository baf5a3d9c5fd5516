-- What are the columns of the batch's customers, by the whole log? (definitions §4, §6) Those with appended_from are in increment-customer.sql.
-- :now is the clock, in milliseconds. :updatedAt is the same, or null if nothing about the customers has changed and only derived columns are recomputed.
-- Types: 0 click, 1 lead, 2 sale, 4 refund, 5 creation. temp.whole_batch: see working-tables.sql. A + before a column keeps SQLite from using its index.
-- The program supplies local_day(), local_month() and month_of_day(): see sql-functions.ts.

-- First touch, latest entry, and sums over counted entries.
UPDATE customer SET
  updated_at = coalesce(:updatedAt, updated_at),
  (first_touch_at, source, campaign) = (
    SELECT at, coalesce(source, '(direct)'), coalesce(campaign, '(none)')
    FROM (SELECT * FROM (SELECT at, type, key, source, campaign FROM entry WHERE customer_id = customer.id ORDER BY at, type, key LIMIT 1)
          UNION ALL
          SELECT at, 5, key, source, campaign FROM profile_update WHERE customer_id = customer.id AND is_creation)
    ORDER BY at, type, key LIMIT 1),
  click_id = (SELECT click_id FROM entry WHERE customer_id = customer.id AND type = 0 ORDER BY at, key LIMIT 1),
  entries = (SELECT count(*) FROM entry WHERE customer_id = customer.id),
  last_seen_at = (
    SELECT max(at)
    FROM (SELECT max(at) AS at FROM entry WHERE customer_id = customer.id
          UNION ALL
          SELECT max(at) FROM profile_update WHERE customer_id = customer.id AND is_creation)),
  (has_lead, sales, gross_minor, refunds_minor, first_sale_at, last_sale_at) = (
    SELECT coalesce(max(type = 1), 0),
           count(*) FILTER (WHERE type = 2 AND amount_minor IS NOT NULL),
           coalesce(sum(amount_minor) FILTER (WHERE type = 2), 0),
           coalesce(sum(amount_minor) FILTER (WHERE type = 4), 0),
           min(at) FILTER (WHERE type = 2 AND amount_minor IS NOT NULL),
           max(at) FILTER (WHERE type = 2 AND amount_minor IS NOT NULL)
    FROM entry
    WHERE customer_id = customer.id AND is_counted AND +type IN (1, 2, 4)),
  first_sale_minor = (
    SELECT amount_minor FROM entry WHERE customer_id = customer.id AND is_counted AND +type = 2 AND amount_minor IS NOT NULL ORDER BY at, key LIMIT 1)
WHERE id IN (SELECT customer_id FROM temp.whole_batch);

-- The day and month of the first touch. A customer whose first touch is after the clock is in no LTV curve yet.
UPDATE customer SET
  first_touch_day = local_day(first_touch_at),
  first_touch_month = month_of_day(local_day(first_touch_at)),
  cohort_month = CASE WHEN first_touch_at <= :now THEN local_month(first_touch_at) END
WHERE id IN (SELECT customer_id FROM temp.whole_batch);
