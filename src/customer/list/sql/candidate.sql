-- Where are the candidates of a page while a request is answered? In a temporary table of the connection, in the order in which they were found.
CREATE TEMP TABLE IF NOT EXISTS candidate (
  position    INTEGER PRIMARY KEY,
  customer_id INTEGER NOT NULL,
  sort_value  INTEGER              -- null: not checked yet, or does not meet the conditions
)
