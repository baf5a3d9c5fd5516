-- The feed of changes: what has changed, in the order of commits. A row is written in the same transaction as what it tells, by the triggers
-- below and by src/ledger/tell-customers.sql. It never holds a name or an address, so an erasure leaves nothing in it.
-- Types are numbers, by their place in CHANGE_TYPES (db/feed-schema.ts):
--  0 entry.created   1 entry.updated   2 customer.created   3 customer.updated   4 customer.merged   5 customer.erased   6 customer.recomputed
--  7 customer.named  8 profile.told    9 status.said       10 rate.set          11 key.created      12 key.revoked     13 setting.set
-- 18 entry.deleted  19 profile.deleted  20 status.deleted  21 rate.deleted         (14 to 17: migration 0022 and db/change.ts)

-- seq goes up by one with each row, because the newest row is never deleted, and a transaction that fails takes its rows with it.
CREATE TABLE change (
  seq  INTEGER PRIMARY KEY,
  type INTEGER NOT NULL,
  id   ANY NOT NULL,                                                               -- of the row; a text where a table has no row numbers
  at   INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))      -- when it was told, in milliseconds
) STRICT;

-- Who follows the feed, and up to which change they have it. What they lack is not dropped.
CREATE TABLE follower (
  name    TEXT PRIMARY KEY,
  seq     INTEGER NOT NULL,
  seen_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tell_entry_created AFTER INSERT ON entry BEGIN
  INSERT INTO change (type, id) VALUES (0, new.id);
END;

-- A new status or owner. An entry that finds its owner as it arrives is told twice.
CREATE TRIGGER tell_entry_updated AFTER UPDATE OF customer_id, status ON entry
WHEN old.customer_id IS NOT new.customer_id OR old.status IS NOT new.status BEGIN
  INSERT INTO change (type, id) VALUES (1, new.id);
END;

CREATE TRIGGER tell_customer_created AFTER INSERT ON customer BEGIN
  INSERT INTO change (type, id) VALUES (2, new.id);
END;

CREATE TRIGGER tell_customer_erased AFTER UPDATE OF deleted_at ON customer WHEN old.deleted_at IS NULL AND new.deleted_at IS NOT NULL BEGIN
  INSERT INTO change (type, id) VALUES (5, new.id);
END;

-- By what they are known, and since when.
CREATE TRIGGER tell_customer_named AFTER UPDATE OF external_id, known_email, known_alias, created_at ON customer
WHEN new.deleted_at IS NULL AND (old.external_id IS NOT new.external_id OR old.known_email IS NOT new.known_email
  OR old.known_alias IS NOT new.known_alias OR old.created_at <> new.created_at) BEGIN
  INSERT INTO change (type, id) VALUES (7, new.id);
END;

CREATE TRIGGER tell_profile_told AFTER INSERT ON profile_update BEGIN
  INSERT INTO change (type, id) VALUES (8, new.id);
END;

-- A status may be said before its entry is there. Its key is one that entries keep after an erasure too.
CREATE TRIGGER tell_status_said AFTER INSERT ON said_status BEGIN
  INSERT INTO change (type, id) VALUES (9, json_array(new.type, new.key, new.at, new.status));
END;

CREATE TRIGGER tell_rate_set AFTER INSERT ON rate BEGIN
  INSERT INTO change (type, id) VALUES (10, new.currency || ':' || date(new.day * 86400, 'unixepoch'));
END;
CREATE TRIGGER tell_rate_set_again AFTER UPDATE OF rate ON rate BEGIN
  INSERT INTO change (type, id) VALUES (10, new.currency || ':' || date(new.day * 86400, 'unixepoch'));
END;

CREATE TRIGGER tell_key_created AFTER INSERT ON api_key BEGIN
  INSERT INTO change (type, id) VALUES (11, new.id);
END;
CREATE TRIGGER tell_key_revoked AFTER UPDATE OF revoked_at ON api_key WHEN old.revoked_at IS NOT new.revoked_at BEGIN
  INSERT INTO change (type, id) VALUES (12, new.id);
END;

-- The settings of the workspace. Notes that a server makes for itself are left out.
CREATE TRIGGER tell_setting_set AFTER INSERT ON setting WHEN new.name IN ('timezone', 'currency', 'derived_version', 'lineage') BEGIN
  INSERT INTO change (type, id) VALUES (13, new.name);
END;
CREATE TRIGGER tell_setting_set_again AFTER UPDATE OF value ON setting
WHEN new.name IN ('timezone', 'currency', 'derived_version', 'lineage') AND old.value <> new.value BEGIN
  INSERT INTO change (type, id) VALUES (13, new.name);
END;

-- An import that is undone takes back what it brought.
CREATE TRIGGER tell_entry_deleted AFTER DELETE ON entry BEGIN
  INSERT INTO change (type, id) VALUES (18, old.id);
END;
CREATE TRIGGER tell_profile_deleted AFTER DELETE ON profile_update BEGIN
  INSERT INTO change (type, id) VALUES (19, old.id);
END;
CREATE TRIGGER tell_status_deleted AFTER DELETE ON said_status BEGIN
  INSERT INTO change (type, id) VALUES (20, json_array(old.type, old.key, old.at, old.status));
END;
CREATE TRIGGER tell_rate_deleted AFTER DELETE ON rate BEGIN
  INSERT INTO change (type, id) VALUES (21, old.currency || ':' || date(old.day * 86400, 'unixepoch'));
END;

-- Whose an update is, and whether it made them, can change later.
CREATE TRIGGER tell_profile_changed AFTER UPDATE OF customer_id, is_creation ON profile_update
WHEN old.customer_id <> new.customer_id OR old.is_creation <> new.is_creation BEGIN
  INSERT INTO change (type, id) VALUES (8, new.id);
END;
CREATE TRIGGER tell_external_id_deleted AFTER DELETE ON external_id BEGIN
  INSERT INTO change (type, id) VALUES (7, old.customer_id);
END;
