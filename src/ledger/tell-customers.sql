-- Which customers of the batch are told to the feed of changes, as what? (db/migrations/0017_changes.sql has the types)
-- temp.batch: see working-tables.sql. :updatedAt is null if nothing was said of them and they were only computed again.

INSERT INTO change (type, id)
SELECT CASE
         -- Nothing is theirs any more, and the name that they were known by is another customer's.
         WHEN c.first_touch_at IS NULL AND c.deleted_at IS NULL
              AND (c.known_email IS NOT NULL AND EXISTS (SELECT 1 FROM claim WHERE kind = 'email' AND value = c.known_email AND customer_id <> c.id)
                   OR c.known_alias IS NOT NULL AND EXISTS (SELECT 1 FROM claim WHERE kind = 'alias' AND value = c.known_alias AND customer_id <> c.id))
         THEN 4
         WHEN :updatedAt IS NULL THEN 6
         ELSE 3
       END,
       c.id
FROM temp.batch AS b
CROSS JOIN customer AS c ON c.id = b.customer_id;
