-- Which refunds wait for their sale? Sorted by orderId, then by arrival.
-- From after the refund (:afterSaleKey, :afterId) to the refund (:untilSaleKey, :untilId), or to the end if those are null; at most :most.
SELECT refund.id, refund.order_id AS orderId, refund.event_id AS eventId, refund.at, cast(refund.value AS TEXT) AS value, refund.currency, refund.status,
       refund.received_at AS receivedAt
FROM entry AS refund
WHERE refund.type = 4
  AND (refund.sale_key, refund.id) > (:afterSaleKey, :afterId)
  AND (:untilId IS NULL OR (refund.sale_key, refund.id) <= (:untilSaleKey, :untilId))
  AND NOT EXISTS (SELECT 1 FROM entry AS sale WHERE sale.type = 2 AND sale.key = refund.sale_key)
ORDER BY refund.sale_key, refund.id
LIMIT :most
