-- A file of a payment provider says how much of a sale has been refunded so far, but not by which refunds. Such a total is a refund that
-- takes what the other refunds up to an instant leave of it (definitions §4).

-- Of a total of refunds: the instant up to which it knows of refunds, in milliseconds since 1970 UTC. Null on every other entry.
ALTER TABLE entry ADD COLUMN total_until INTEGER;
CREATE INDEX entry_refund_total ON entry (sale_key) WHERE total_until IS NOT NULL;
