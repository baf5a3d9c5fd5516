-- What the feed has to tell a standby besides, so that it has every row that the primary has decided on. Callers of GET /changes see none of these.
-- 22 entry.stored   23 profile.stored   24 claim.held   25 row.stored

-- Anything else of an entry: an amount, a said status, or what an erasure has left of it.
CREATE TRIGGER tell_entry_stored AFTER UPDATE ON entry
WHEN old.customer_id IS new.customer_id AND old.status IS new.status AND
    (old.key, old.defaulted, old.received_at, old.external_id, old.email, old.name, old.avatar, old.country, old.click_id,
    old.visitor_id, old.event, old.event_id, old.order_id, old.value, old.currency, old.sent_status, old.set_status, old.link,
    old.campaign, old.source, old.medium, old.url, old.referrer, old.metadata, old.declared_customer_id, old.erased_customer_id,
    old.sale_key, old.is_counted, old.applied_refund_minor, old.amount_minor, old.rate_day, old.aliases,
    old.refunded_minor, old.total_until)
    IS NOT (new.key, new.defaulted, new.received_at, new.external_id, new.email, new.name, new.avatar, new.country, new.click_id,
    new.visitor_id, new.event, new.event_id, new.order_id, new.value, new.currency, new.sent_status, new.set_status, new.link,
    new.campaign, new.source, new.medium, new.url, new.referrer, new.metadata, new.declared_customer_id, new.erased_customer_id,
    new.sale_key, new.is_counted, new.applied_refund_minor, new.amount_minor, new.rate_day, new.aliases,
    new.refunded_minor, new.total_until) BEGIN
  INSERT INTO change (type, id) VALUES (22, new.id);
END;

-- The owner of a profile update, or what an erasure has left of it.
CREATE TRIGGER tell_profile_stored AFTER UPDATE ON profile_update BEGIN
  INSERT INTO change (type, id) VALUES (23, new.id);
END;

-- Who holds a name or an id is told by the claimant, because what is claimed may be an address: an entry, or a profile update as a negative number.
-- Pinned clicks are told with their customer.
CREATE TRIGGER tell_claim_held AFTER INSERT ON claim WHEN new.entry_id IS NOT NULL OR new.profile_update_id IS NOT NULL BEGIN
  INSERT INTO change (type, id) VALUES (24, coalesce(new.entry_id, -new.profile_update_id));
END;
CREATE TRIGGER tell_claim_held_otherwise AFTER UPDATE ON claim WHEN new.entry_id IS NOT NULL OR new.profile_update_id IS NOT NULL BEGIN
  INSERT INTO change (type, id) VALUES (24, coalesce(new.entry_id, -new.profile_update_id));
END;
CREATE TRIGGER tell_claim_dropped AFTER DELETE ON claim WHEN old.entry_id IS NOT NULL OR old.profile_update_id IS NOT NULL BEGIN
  INSERT INTO change (type, id) VALUES (24, coalesce(old.entry_id, -old.profile_update_id));
END;

-- Tables without anything personal, by table and key. Outcomes of Idempotency-Keys expire by themselves.
CREATE TRIGGER tell_idempotency AFTER INSERT ON idempotency BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('idempotency', new.key_hash));
END;
CREATE TRIGGER tell_webhook_count_stored AFTER INSERT ON webhook_count BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_count', new.source, new.type, new.result, new.reason));
END;
CREATE TRIGGER tell_webhook_count_changed AFTER UPDATE ON webhook_count BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_count', new.source, new.type, new.result, new.reason));
END;
CREATE TRIGGER tell_webhook_count_dropped AFTER DELETE ON webhook_count BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_count', old.source, old.type, old.result, old.reason));
END;
CREATE TRIGGER tell_webhook_field_stored AFTER INSERT ON webhook_field BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_field', new.source, new.field));
END;
CREATE TRIGGER tell_webhook_field_changed AFTER UPDATE ON webhook_field BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_field', new.source, new.field));
END;
CREATE TRIGGER tell_webhook_field_dropped AFTER DELETE ON webhook_field BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_field', old.source, old.field));
END;
CREATE TRIGGER tell_webhook_delivery_stored AFTER INSERT ON webhook_delivery BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_delivery', new.id));
END;
CREATE TRIGGER tell_webhook_delivery_changed AFTER UPDATE ON webhook_delivery BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_delivery', new.id));
END;
CREATE TRIGGER tell_webhook_delivery_dropped AFTER DELETE ON webhook_delivery BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_delivery', old.id));
END;
CREATE TRIGGER tell_webhook_unnamed_sale_stored AFTER INSERT ON webhook_unnamed_sale BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_unnamed_sale', new.source, new.order_id));
END;
CREATE TRIGGER tell_webhook_unnamed_sale_changed AFTER UPDATE ON webhook_unnamed_sale BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_unnamed_sale', new.source, new.order_id));
END;
CREATE TRIGGER tell_webhook_unnamed_sale_dropped AFTER DELETE ON webhook_unnamed_sale BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_unnamed_sale', old.source, old.order_id));
END;
CREATE TRIGGER tell_webhook_waiting_refund_stored AFTER INSERT ON webhook_waiting_refund BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_waiting_refund', new.entry_id));
END;
CREATE TRIGGER tell_webhook_waiting_refund_changed AFTER UPDATE ON webhook_waiting_refund BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_waiting_refund', new.entry_id));
END;
CREATE TRIGGER tell_webhook_waiting_refund_dropped AFTER DELETE ON webhook_waiting_refund BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_waiting_refund', old.entry_id));
END;
CREATE TRIGGER tell_webhook_erasure_stored AFTER INSERT ON webhook_erasure BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_erasure', new.customer_id));
END;
CREATE TRIGGER tell_webhook_erasure_changed AFTER UPDATE ON webhook_erasure BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_erasure', new.customer_id));
END;
CREATE TRIGGER tell_webhook_erasure_dropped AFTER DELETE ON webhook_erasure BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_erasure', old.customer_id));
END;
CREATE TRIGGER tell_webhook_data_request_stored AFTER INSERT ON webhook_data_request BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_data_request', new.customer_id));
END;
CREATE TRIGGER tell_webhook_data_request_changed AFTER UPDATE ON webhook_data_request BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_data_request', new.customer_id));
END;
CREATE TRIGGER tell_webhook_data_request_dropped AFTER DELETE ON webhook_data_request BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_data_request', old.customer_id));
END;
CREATE TRIGGER tell_import_stored AFTER INSERT ON import BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import', new.id));
END;
CREATE TRIGGER tell_import_changed AFTER UPDATE ON import BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import', new.id));
END;
CREATE TRIGGER tell_import_dropped AFTER DELETE ON import BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import', old.id));
END;
CREATE TRIGGER tell_import_span_stored AFTER INSERT ON import_span BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_span', new.kind, new.import_id, new.is_added, new.first_id));
END;
CREATE TRIGGER tell_import_span_changed AFTER UPDATE ON import_span BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_span', new.kind, new.import_id, new.is_added, new.first_id));
END;
CREATE TRIGGER tell_import_span_dropped AFTER DELETE ON import_span BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_span', old.kind, old.import_id, old.is_added, old.first_id));
END;
CREATE TRIGGER tell_import_status_stored AFTER INSERT ON import_status BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_status', new.type, new.key, new.at, new.status, new.import_id));
END;
CREATE TRIGGER tell_import_status_changed AFTER UPDATE ON import_status BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_status', new.type, new.key, new.at, new.status, new.import_id));
END;
CREATE TRIGGER tell_import_status_dropped AFTER DELETE ON import_status BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_status', old.type, old.key, old.at, old.status, old.import_id));
END;
CREATE TRIGGER tell_import_rate_stored AFTER INSERT ON import_rate BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_rate', new.currency, new.day, new.import_id));
END;
CREATE TRIGGER tell_import_rate_changed AFTER UPDATE ON import_rate BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_rate', new.currency, new.day, new.import_id));
END;
CREATE TRIGGER tell_import_rate_dropped AFTER DELETE ON import_rate BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('import_rate', old.currency, old.day, old.import_id));
END;
CREATE TRIGGER tell_webhook_once_stored AFTER INSERT ON webhook_once BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_once', new.endpoint, new.event, new.subject));
END;
CREATE TRIGGER tell_webhook_once_changed AFTER UPDATE ON webhook_once BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_once', new.endpoint, new.event, new.subject));
END;
CREATE TRIGGER tell_webhook_once_dropped AFTER DELETE ON webhook_once BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_once', old.endpoint, old.event, old.subject));
END;

-- Messages to endpoints, and with them up to which change the endpoint's have been made. That alone is not told: it goes on with each change.
CREATE TRIGGER tell_webhook_message_stored AFTER INSERT ON webhook_message BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_endpoint', new.endpoint)), (25, json_array('webhook_message', new.id));
END;
CREATE TRIGGER tell_webhook_message_changed AFTER UPDATE ON webhook_message BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_endpoint', new.endpoint)), (25, json_array('webhook_message', new.id));
END;
CREATE TRIGGER tell_webhook_message_dropped AFTER DELETE ON webhook_message BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_endpoint', old.endpoint)), (25, json_array('webhook_message', old.id));
END;

-- What is left of an erasure holds names until it is done, and a standby is to know at once when it is.
CREATE TRIGGER tell_erasure_done AFTER DELETE ON pending_erasure BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('customer', old.customer_id));
END;
CREATE TRIGGER tell_webhook_endpoint_stored AFTER INSERT ON webhook_endpoint BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_endpoint', new.number));
END;
CREATE TRIGGER tell_webhook_endpoint_changed AFTER UPDATE OF key_id, url, events, threshold_minor, secret, failed_at ON webhook_endpoint BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_endpoint', new.number));
END;
CREATE TRIGGER tell_webhook_endpoint_dropped AFTER DELETE ON webhook_endpoint BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('webhook_endpoint', old.number));
END;

-- From which number on entries go on after an import was undone: a number is never given twice.
CREATE TRIGGER tell_last_undone AFTER INSERT ON setting WHEN new.name = 'last_undone_entry' BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('setting', new.name));
END;
CREATE TRIGGER tell_last_undone_again AFTER UPDATE OF value ON setting WHEN new.name = 'last_undone_entry' BEGIN
  INSERT INTO change (type, id) VALUES (25, json_array('setting', new.name));
END;
