-- How many of the new and new paying customers of each day of a range were erased? A day can have several rows, which add up. (definitions §7, §10)
-- The first touch or first sale is from :startAt to before :endAt, in milliseconds.
-- Only the index of erased customers is read, so the cost grows with their number alone.
-- The program supplies local_day(): see sql-functions.ts.
SELECT first_touch_day AS day,
       count(*)        AS newCustomers,
       0               AS newPayingCustomers
FROM customer INDEXED BY customer_erased
WHERE deleted_at IS NOT NULL AND first_touch_at >= :startAt AND first_touch_at < :endAt
GROUP BY first_touch_day
UNION ALL
SELECT local_day(first_sale_at), 0, count(*)
FROM customer INDEXED BY customer_erased
WHERE deleted_at IS NOT NULL AND first_sale_at >= :startAt AND first_sale_at < :endAt
GROUP BY 1
