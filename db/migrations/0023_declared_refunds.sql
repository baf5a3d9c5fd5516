-- Which refunds name a customer by an externalId that they had? Without an index, an export of one person reads the refunds of everybody.
CREATE INDEX entry_refund_declared ON entry (declared_customer_id) WHERE type = 4 AND declared_customer_id IS NOT NULL;
