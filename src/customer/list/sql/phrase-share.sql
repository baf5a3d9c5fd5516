-- How common is a phrase? Counts the first 1,200 customers who have it, and gives the last of their ids.
-- Chosen: for each part of the searched text, to look up the rarest first.
-- :phrase: a quoted phrase of customer_search.
-- Reads: customer_search.
SELECT count(*) AS found, max(rowid) AS last
FROM (
  SELECT rowid
  FROM customer_search
  WHERE customer_search MATCH :phrase
  LIMIT /* most */ 1200
)
