-- How many candidates meet all conditions?
-- Chosen: after check-candidates.sql.
-- Reads: the table candidate.
SELECT count(sort_value)
FROM temp.candidate
