-- What have the customers of the batch added to the totals so far? Noted before anything new is derived, for contribute.sql.
-- Customers who are nobody add nothing. CROSS JOIN keeps SQLite to this order: from the batch outwards.

INSERT INTO temp.former (customer_id, day, month, cohort_month, source, campaign, has_lead, sales, gross_minor, refunds_minor)
SELECT c.id, c.first_touch_day, c.first_touch_month, c.cohort_month, c.source, c.campaign, c.has_lead, c.sales, c.gross_minor, c.refunds_minor
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id
WHERE c.first_touch_at IS NOT NULL;

INSERT INTO temp.cell_change (cohort_month, month, period, revenue_minor, active_month, active_period, new_paying)
SELECT c.cohort_month, m.month, m.period, -m.revenue_minor, -m.active_month, -m.active_period, -m.new_paying
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN customer_cell AS m ON m.customer_id = b.customer_id
WHERE b.appended_from IS NULL AND c.cohort_month IS NOT NULL;

INSERT INTO temp.unconverted_change (day, month, currency, sales, gross_minor, refunds_minor)
SELECT c.first_touch_day, u.month, u.currency, -u.sales, -u.gross_minor, -u.refunds_minor
FROM temp.batch AS b CROSS JOIN customer AS c ON c.id = b.customer_id CROSS JOIN customer_unconverted AS u ON u.customer_id = b.customer_id
WHERE b.appended_from IS NULL AND c.first_touch_at IS NOT NULL;
