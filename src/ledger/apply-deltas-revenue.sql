-- What do the changes (find-changes.sql) add to revenue over time? (definitions §7)
-- temp.cell_change and temp.unconverted_change have the old figures, as negative ones, and the new ones. No parameters.

-- Sales, refunds and first sales, by the day on which they happened.
INSERT INTO revenue_day AS t (day, new_paying, sales, gross_minor, refunds_minor, first_sale_minor)
SELECT day, sum(new_paying), sum(sales), sum(gross_minor), sum(refunds_minor), sum(first_sale_minor)
FROM temp.cell_change
GROUP BY day
HAVING (sum(new_paying), sum(sales), sum(gross_minor), sum(refunds_minor), sum(first_sale_minor)) <> (0, 0, 0, 0, 0)
ON CONFLICT DO UPDATE SET
  new_paying       = t.new_paying       + excluded.new_paying,
  sales            = t.sales            + excluded.sales,
  gross_minor      = t.gross_minor      + excluded.gross_minor,
  refunds_minor    = t.refunds_minor    + excluded.refunds_minor,
  first_sale_minor = t.first_sale_minor + excluded.first_sale_minor;

-- Sales without a rate and their refunds, by the days of both.
INSERT INTO revenue_unconverted AS t (sale_day, entry_day, currency, sales, gross_minor, refunds_minor)
SELECT sale_day, entry_day, currency, sum(sales), sum(gross_minor), sum(refunds_minor)
FROM temp.unconverted_change
GROUP BY sale_day, entry_day, currency
HAVING (sum(sales), sum(gross_minor), sum(refunds_minor)) <> (0, 0, 0)
ON CONFLICT DO UPDATE SET
  sales         = t.sales         + excluded.sales,
  gross_minor   = t.gross_minor   + excluded.gross_minor,
  refunds_minor = t.refunds_minor + excluded.refunds_minor;
