-- What do the new entries change in their customers' columns? (definitions §4, §6; recompute-customer.sql does the same from the whole log)
-- :updatedAt is the clock, in milliseconds, or null to leave updated_at as it is.
-- Types: 0 click, 1 lead, 2 sale, 4 refund. temp.arrival: see working-tables.sql.
-- Almost every column here is in some index. Four statements instead of one write only what has changed.

-- Columns that every entry changes.
UPDATE customer SET
  updated_at   = coalesce(:updatedAt, updated_at),
  entries      = customer.entries + more.entries,
  click_id     = coalesce(customer.click_id,
                          (SELECT click_id FROM temp.arrival WHERE customer_id = customer.id AND type = 0 ORDER BY at, key LIMIT 1)),
  last_seen_at = more.last_seen_at
FROM (
  SELECT customer_id,
         count(*) AS entries,
         max(at)  AS last_seen_at
  FROM temp.arrival
  GROUP BY customer_id
) AS more
WHERE customer.id = more.customer_id;

-- A first lead.
UPDATE customer SET has_lead = 1
WHERE id IN (SELECT customer_id FROM temp.arrival WHERE type = 1 AND is_counted) AND NOT has_lead;

-- Sales and refunds.
UPDATE customer SET
  sales         = customer.sales + more.sales,
  gross_minor   = customer.gross_minor + more.gross_minor,
  refunds_minor = customer.refunds_minor + more.refunds_minor,
  last_sale_at  = coalesce(more.last_sale_at, customer.last_sale_at)
FROM (
  SELECT customer_id,
         count(*) FILTER (WHERE type = 2)                       AS sales,
         coalesce(sum(amount_minor) FILTER (WHERE type = 2), 0) AS gross_minor,
         coalesce(sum(amount_minor) FILTER (WHERE type = 4), 0) AS refunds_minor,
         max(at) FILTER (WHERE type = 2)                        AS last_sale_at
  FROM temp.arrival
  WHERE is_counted AND type IN (2, 4) AND amount_minor IS NOT NULL
  GROUP BY customer_id
) AS more
WHERE customer.id = more.customer_id;

-- A first sale.
UPDATE customer SET
  first_sale_at    = first.at,
  first_sale_minor = first.amount_minor
FROM (
  SELECT customer_id, at, amount_minor, row_number() OVER (PARTITION BY customer_id ORDER BY at, key) AS place
  FROM temp.arrival
  WHERE is_counted AND type = 2 AND amount_minor IS NOT NULL
) AS first
WHERE customer.id = first.customer_id AND first.place = 1 AND customer.first_sale_at IS NULL;
