-- Which entries are new, for the batch's customers with appended_from? They are later than all other entries of their customer, and none is after
-- the clock. So the next steps can add them to the stored figures without reading the rest.
-- Types: 2 sale, 4 refund. temp.batch and temp.arrival: see working-tables.sql. No parameters.
-- The program supplies local_day(), month_of_day() and elapsed_period(): see sql-functions.ts.

INSERT INTO temp.arrival (customer_id, id, at, type, key, source, campaign, link, click_id, is_counted, value, applied_refund_minor, amount_minor, sale_key, day, month, period)
SELECT e.customer_id,
       e.id,
       e.at,
       e.type,
       e.key,
       e.source,
       e.campaign,
       e.link,
       e.click_id,
       e.is_counted,
       e.value,
       e.applied_refund_minor,
       e.amount_minor,
       e.sale_key,
       CASE WHEN e.is_counted AND e.type IN (2, 4) THEN local_day(e.at) END,
       CASE WHEN e.is_counted AND e.type IN (2, 4) THEN month_of_day(local_day(e.at)) END,
       CASE WHEN e.is_counted AND e.type IN (2, 4) THEN elapsed_period(c.first_touch_at, e.at) END
FROM temp.batch AS b
CROSS JOIN customer AS c ON c.id = b.customer_id
CROSS JOIN entry AS e ON e.customer_id = c.id AND e.at >= c.last_seen_at AND +e.id >= b.appended_from
WHERE b.appended_from IS NOT NULL;
