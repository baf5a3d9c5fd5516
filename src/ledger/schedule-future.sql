-- When will the batch's customers become stale again without a write? When the clock reaches their next future entry or creation.
-- Customers with appended_from are left out: none of their entries is after the clock.
-- :now is the clock, in milliseconds. temp.whole_batch: see working-tables.sql.

INSERT INTO stale (customer_id, due_at)
SELECT customer_id, due_at
FROM (
  SELECT b.customer_id,
         (SELECT min(at)
          FROM (SELECT min(at) AS at FROM entry WHERE customer_id = b.customer_id AND at > :now
                UNION ALL
                SELECT min(at) FROM profile_update WHERE customer_id = b.customer_id AND is_creation AND at > :now)) AS due_at
  FROM temp.whole_batch AS b
)
WHERE due_at IS NOT NULL;
