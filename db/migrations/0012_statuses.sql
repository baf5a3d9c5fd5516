-- A status is said for an instant, and the newest one counts (definitions §4). Refunds have one too.

-- Part of the log: the statuses that were said of entries besides the ones that were sent with them. One may wait for its entry.
CREATE TABLE said_status (
  type   INTEGER NOT NULL CHECK (type BETWEEN 1 AND 4),
  key    TEXT NOT NULL,                -- of the entry, within its type
  at     INTEGER NOT NULL,             -- the instant that it is said for
  status TEXT NOT NULL CHECK (status IN ('approved', 'pending', 'rejected', 'fraud')),
  PRIMARY KEY (type, key, at, status)
) STRICT, WITHOUT ROWID;

-- When a status was set was not stored so far. It was after its entry was received.
INSERT INTO said_status (type, key, at, status)
SELECT type, key, max(at, received_at), CASE set_status WHEN 'refunded' THEN 'approved' ELSE set_status END
FROM entry
WHERE type BETWEEN 1 AND 3 AND set_status IS NOT sent_status;

-- To say that a sale is refunded is to say that it is approved. The refund is an entry of its own.
UPDATE entry SET set_status = 'approved' WHERE type = 2 AND set_status = 'refunded';

-- Refunds that were sent without a status are approved.
UPDATE entry SET sent_status = 'approved', set_status = 'approved', status = 'approved' WHERE type = 4;
