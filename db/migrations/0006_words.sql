-- Tables and columns get the names of the field. Only the schema is rewritten, so it takes no longer with ten million entries.

ALTER TABLE telling RENAME TO profile_update;
ALTER TABLE profile_update RENAME COLUMN made TO is_creation;
ALTER TABLE held_click RENAME TO pinned_click;
ALTER TABLE move RENAME TO pending_reassignment;
ALTER TABLE claim RENAME COLUMN telling_id TO profile_update_id;
ALTER TABLE entry RENAME COLUMN filled TO defaulted;
ALTER TABLE entry RENAME COLUMN named_id TO declared_customer_id;
ALTER TABLE entry RENAME COLUMN frozen_id TO erased_customer_id;
ALTER TABLE entry RENAME COLUMN counts TO is_counted;
ALTER TABLE entry RENAME COLUMN taken_minor TO applied_refund_minor;
ALTER TABLE customer RENAME COLUMN lead TO has_lead;
ALTER TABLE customer RENAME COLUMN curve_month TO cohort_month;

-- An index cannot be renamed. These are of what was told of customers, and quickly made.
DROP INDEX telling_customer;
DROP INDEX telling_known_email;
DROP INDEX telling_visitor;
DROP INDEX telling_email;
CREATE INDEX profile_update_customer ON profile_update (customer_id);
CREATE INDEX profile_update_known_email ON profile_update (known_email) WHERE known_email IS NOT NULL;
CREATE INDEX profile_update_visitor ON profile_update (visitor_id) WHERE visitor_id IS NOT NULL;
CREATE INDEX profile_update_email ON profile_update (email) WHERE email IS NOT NULL;
