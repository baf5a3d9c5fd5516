-- How common is a phrase? The first 1,200 customers who have it, and how far one has to go in the order of ids to find them.
-- Chosen: for the parts of a text that is searched, to look up the rarest first.
-- :phrase: a quoted phrase of customer_search.
-- Reads: customer_search.
SELECT count(*) AS found, max(rowid) AS last
FROM (
  SELECT rowid
  FROM customer_search
  WHERE customer_search MATCH :phrase
  LIMIT /* most */ 1200
)
