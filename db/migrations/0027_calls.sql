-- Whether a call makes its customer depends on what is there when it comes. So that it can be decided anew once an import is undone, it is kept
-- what the call said and after which entry it came: JSON. Null: it was sent to a customer (PATCH), or is of another workspace.
ALTER TABLE profile_update RENAME COLUMN otherwise TO call;
UPDATE profile_update SET call = json_object('after', (SELECT coalesce(max(id), 0) FROM entry WHERE customer_id = profile_update.customer_id AND received_at <= called_at),
  'createdAt', json_extract(call, '$.at'), 'source', json_extract(call, '$.source'), 'campaign', json_extract(call, '$.campaign'))
WHERE call IS NOT NULL;

-- While an import is undone: an entry or a profile update that shares a name with a row that was taken back, so that the calls which bring this
-- name, or others that come with it, are to be decided anew. Nothing in it is personal.
CREATE TABLE import_neighbour (
  kind   TEXT NOT NULL CHECK (kind IN ('entry', 'profile_update')),
  row_id INTEGER NOT NULL,
  PRIMARY KEY (kind, row_id)
) STRICT, WITHOUT ROWID;

-- Sales of a file that name nobody, which are in no figure. The source is a provider's, or 'file'.
CREATE TABLE import_unnamed_sale (
  import_id INTEGER NOT NULL,
  order_id  TEXT NOT NULL,
  source    TEXT NOT NULL,
  currency  TEXT NOT NULL,
  value     INTEGER NOT NULL,          -- minor units
  PRIMARY KEY (import_id, order_id)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER tell_import_neighbour_stored AFTER INSERT ON import_neighbour BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_neighbour', new.kind, new.row_id));
END;
CREATE TRIGGER tell_import_neighbour_dropped AFTER DELETE ON import_neighbour BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_neighbour', old.kind, old.row_id));
END;
CREATE TRIGGER tell_import_unnamed_sale_stored AFTER INSERT ON import_unnamed_sale BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_unnamed_sale', new.import_id, new.order_id));
END;
CREATE TRIGGER tell_import_unnamed_sale_dropped AFTER DELETE ON import_unnamed_sale BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_unnamed_sale', old.import_id, old.order_id));
END;
