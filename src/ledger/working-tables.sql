-- Where does the pipeline work on a batch of customers? In temporary tables and three views of one connection. The tables are empty between batches.
-- To try a step in a shell, run this first. No parameters.

-- The customers of the batch. appended_from: only the entries from this id on are new, and they are later than all others of the customer.
-- null: the customer is recomputed from the whole log.
CREATE TEMP TABLE batch (customer_id INTEGER PRIMARY KEY, appended_from INTEGER);
CREATE TEMP VIEW whole_batch AS SELECT customer_id FROM batch WHERE appended_from IS NULL;

-- What one customer adds to the totals of cohorts (definitions §7). A customer without a touch adds nothing.
CREATE TEMP VIEW share AS
SELECT id                AS customer_id,
       first_touch_day   AS day,
       first_touch_month AS month,
       cohort_month,
       source,
       campaign,
       1                 AS customers,
       has_lead          AS leads,
       sales > 0         AS paying_customers,
       sales,
       gross_minor,
       refunds_minor,
       sales > 1         AS repeat_customers
FROM main.customer
WHERE first_touch_at IS NOT NULL;

-- What the totals of cohorts are grouped by besides time: the key is a source or a campaign.
CREATE TEMP VIEW grouping (grouping) AS
VALUES ('source'), ('campaign');

-- The shares as they were before the batch, and the changes of all customers of the batch together.
CREATE TEMP TABLE old_share (
  customer_id, day, month, cohort_month, source, campaign, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers
);
CREATE TEMP TABLE share_change (
  day, month, cohort_month, source, campaign, customers, leads, paying_customers, sales, gross_minor, refunds_minor, repeat_customers
);

-- What is added to ltv_cell and revenue_day, and to unconverted_total and revenue_unconverted. Old figures are negative.
CREATE TEMP TABLE cell_change (
  cohort_month, day, month, period, sales, gross_minor, refunds_minor, first_sale_minor, active_month, active_period, new_paying
);
CREATE TEMP TABLE unconverted_change (first_touch_day, month, sale_day, entry_day, currency, sales, gross_minor, refunds_minor);

-- New entries of customers with appended_from, and what they add to customer_cell and customer_unconverted.
-- day, month and period are null for entries that are neither counted sales nor counted refunds.
CREATE TEMP TABLE arrival (
  customer_id, id, at, type, key, source, campaign, link, click_id, is_counted, value, applied_refund_minor, amount_minor, sale_key, day, month, period
);
CREATE TEMP TABLE added_cell (
  customer_id, day, month, period, sales, gross_minor, refunds_minor, first_sale_minor, active_month, active_period, new_paying
);
CREATE TEMP TABLE added_unconverted (customer_id, month, sale_day, entry_day, currency, sales, gross_minor, refunds_minor);
