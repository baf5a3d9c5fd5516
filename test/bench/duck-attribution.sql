-- The attribution of everybody from raw entries, in DuckDB's SQL. $KEY is the key of a touch, $WEIGHT its weight under the model, $DAYS the
-- window, and $RANGE the range over an instant `happened_at`. Only clicks say where they came from in this log, so they are its touches.
WITH
  back AS (
    SELECT sale, sum(coalesce(cents, (SELECT cents FROM entry AS sold WHERE sold.number = entry.sale))) AS cents
    FROM entry
    WHERE type = 4
    GROUP BY sale
  ),
  sale AS (
    SELECT s.number, s.customer, s.happened_at, s.cents - coalesce(back.cents, 0) AS net
    FROM entry AS s LEFT JOIN back ON back.sale = s.number
    WHERE s.type = 2 AND s.approved AND $RANGE
  ),
  touch AS (
    SELECT number, customer, happened_at, $KEY AS key FROM entry WHERE type = 0
  ),
  pair AS (
    SELECT sale.number AS sale, sale.customer, net, touch.number AS touch, touch.happened_at, key,
           row_number() OVER later = 1                        AS is_last,
           epoch_ms(sale.happened_at) - epoch_ms(touch.happened_at) AS age
    FROM sale JOIN touch ON touch.customer = sale.customer
     AND touch.happened_at <= sale.happened_at AND touch.happened_at >= sale.happened_at - INTERVAL $DAYS DAY
    WINDOW later AS (PARTITION BY sale.number ORDER BY touch.happened_at DESC, touch.number DESC)
  ),
  weighed AS (
    SELECT *, $WEIGHT AS weight, sum($WEIGHT) OVER (PARTITION BY sale) AS all_weights FROM pair
  ),
  share AS (
    SELECT *, net * weight / all_weights AS part, 10000 * weight / all_weights AS sale_part FROM weighed WHERE weight > 0
  ),
  -- Each share is rounded down, and what is left goes to the largest fractions.
  credit AS (
    SELECT customer, key,
           floor(part) + (row_number() OVER (PARTITION BY sale ORDER BY part - floor(part) DESC, happened_at, touch)
             <= net - sum(floor(part)) OVER (PARTITION BY sale))::INTEGER AS minor,
           floor(sale_part) + (row_number() OVER (PARTITION BY sale ORDER BY sale_part - floor(sale_part) DESC, happened_at, touch)
             <= 10000 - sum(floor(sale_part)) OVER (PARTITION BY sale))::INTEGER AS sales
    FROM share
    UNION ALL
    SELECT customer, $NONE, net, 10000 FROM sale WHERE number NOT IN (SELECT sale FROM pair)
  ),
  earned AS (
    SELECT key, count(DISTINCT customer) AS customers, sum(sales) AS sales, sum(minor) AS minor FROM credit GROUP BY key
  ),
  seen AS (
    SELECT key, count(*) AS touches FROM touch AS s WHERE $RANGE GROUP BY key
  )
SELECT key::VARCHAR                   AS key,
       coalesce(touches, 0)::INTEGER  AS touches,
       coalesce(customers, 0)::INTEGER AS customers,
       coalesce(sales, 0)::DOUBLE     AS sales,
       coalesce(minor, 0)::DOUBLE     AS minor
FROM earned FULL JOIN seen USING (key)
ORDER BY key
