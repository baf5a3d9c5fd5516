-- Since when is a customer stale, and by how many changes? From this, reports say how far they are behind.
-- marked_at: when the first change since the last refresh was stored, in milliseconds. 0: unknown, or none was (an entry's own time has come).
-- changes: how many entries were stored since; 1 for anything else.
ALTER TABLE stale ADD COLUMN marked_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stale ADD COLUMN changes INTEGER NOT NULL DEFAULT 1;
DROP INDEX stale_due;
CREATE INDEX stale_due ON stale (due_at, marked_at, changes);
-- noted_at: an instant at which the claim was not acknowledged yet.
ALTER TABLE pending_reassignment ADD COLUMN noted_at INTEGER NOT NULL DEFAULT 0;
