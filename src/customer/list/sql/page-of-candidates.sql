-- Which customers are on a page? Sorts the candidates that were collected and checked when the matches were counted.
-- Chosen: all who meet the conditions are in temp.candidate.
-- :limit: the number of customers on the page. :offset: the number of customers before it.
-- Reads: the table candidate.
SELECT cast(sort_value AS TEXT) AS sortValue,
       /* columns */ c.*
FROM (
  SELECT customer_id, sort_value
  FROM temp.candidate
  WHERE sort_value IS NOT NULL
    AND /* after */ TRUE
  ORDER BY /* order */ sort_value DESC, customer_id DESC
  LIMIT :limit OFFSET :offset
)
CROSS JOIN customer AS c ON c.id = customer_id
ORDER BY /* order */ sort_value DESC, customer_id DESC
