-- Which candidates meet all conditions? They get their sort value, the others get null.
-- Chosen: the candidates were collected by their text, so the other conditions are open and some may not be listed.
-- The sort value is one of SORTS (../sort.ts): of `ltv`, gross_minor - refunds_minor.
-- Reads: the table candidate, and looks up each candidate by id.
UPDATE temp.candidate
SET sort_value = (
  SELECT
         /* sort */ c.created_at AS sort_value
  FROM customer AS c
  WHERE c.id = candidate.customer_id
    AND c.deleted_at IS NULL
    AND c.first_touch_at IS NOT NULL
    AND /* conditions */ TRUE
)
