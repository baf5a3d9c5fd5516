-- The feed tells when a sale, or a refund of it, begins to count after it was stored: once it is approved. Callers of GET /changes do not see it.
-- 26 entry.counted
CREATE TRIGGER tell_entry_counted AFTER UPDATE OF is_counted ON entry
WHEN new.is_counted = 1 AND old.is_counted = 0 AND new.type IN (2, 4) BEGIN
  INSERT INTO change (type, id) VALUES (26, new.id);
END;
