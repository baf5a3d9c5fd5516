-- What do the batch's customers contribute to the totals so far? It is noted before anything changes, and the apply-deltas steps subtract it.
-- temp.batch and temp.share: see working-tables.sql. No parameters. CROSS JOIN makes SQLite start at the batch.

-- Their shares of the totals of cohorts and of ltv_cohort.
INSERT INTO temp.old_share
SELECT share.*
FROM temp.batch AS b
CROSS JOIN temp.share ON share.customer_id = b.customer_id;

-- Their cells of the LTV curves and of revenue by day. Customers with appended_from are left out, since they only add to theirs: see
-- increment-cells.sql.
INSERT INTO temp.cell_change
SELECT c.cohort_month, m.day, m.month, m.period, -m.sales, -m.gross_minor, -m.refunds_minor, -m.first_sale_minor, -m.active_month, -m.active_period, -m.new_paying
FROM temp.whole_batch AS b
CROSS JOIN customer AS c ON c.id = b.customer_id
CROSS JOIN customer_cell AS m ON m.customer_id = b.customer_id;

-- Their sales without a rate. Customers with appended_from are left out, since they only add to theirs: see increment-unconverted.sql.
INSERT INTO temp.unconverted_change
SELECT c.first_touch_day, u.month, u.sale_day, u.entry_day, u.currency, -u.sales, -u.gross_minor, -u.refunds_minor
FROM temp.whole_batch AS b
CROSS JOIN customer AS c ON c.id = b.customer_id
CROSS JOIN customer_unconverted AS u ON u.customer_id = b.customer_id
WHERE c.first_touch_at IS NOT NULL;
