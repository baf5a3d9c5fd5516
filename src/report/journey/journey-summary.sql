-- What are the sums of the customer's entries within a range, as if there were no others? (definitions §4, §6)
-- :customerId is the row of customer. The range is from :startAt to before :endAt, in milliseconds.
-- Types: 0 click, 1 lead, 2 sale, 3 custom, 4 refund.
WITH
  sums AS (
    SELECT count(*) FILTER (WHERE type = 0)                                               AS clicks,
           count(*) FILTER (WHERE type = 1 AND is_counted)                                AS leads,
           count(*) FILTER (WHERE type = 2 AND is_counted AND amount_minor IS NOT NULL)   AS sales,
           count(*) FILTER (WHERE type = 3)                                               AS customs,
           count(*) FILTER (WHERE type = 4 AND is_counted AND amount_minor IS NOT NULL)   AS refundCount,
           coalesce(sum(amount_minor) FILTER (WHERE type = 2 AND is_counted), 0)          AS grossMinor,
           coalesce(sum(amount_minor) FILTER (WHERE type = 4 AND is_counted), 0)          AS refundsMinor,
           min(at) FILTER (WHERE type = 1 AND is_counted)                                 AS firstLeadAt,
           min(at) FILTER (WHERE type = 2 AND is_counted AND amount_minor IS NOT NULL)    AS firstSaleAt,
           count(*) FILTER (WHERE type IN (2, 4) AND is_counted AND amount_minor IS NULL) AS unconvertedEntries,
           min(at)                                                                        AS firstEntryAt,
           max(at)                                                                        AS lastEntryAt
    FROM entry
    WHERE customer_id = :customerId AND at >= :startAt AND at < :endAt
  ),
  creation AS (
    SELECT min(at) AS firstAt, max(at) AS lastAt
    FROM profile_update
    WHERE customer_id = :customerId AND is_creation AND at >= :startAt AND at < :endAt
  )
SELECT clicks, leads, sales, customs, refundCount, grossMinor, refundsMinor, firstLeadAt, firstSaleAt, unconvertedEntries,
       min(coalesce(firstEntryAt, firstAt), coalesce(firstAt, firstEntryAt)) AS firstTouchAt,
       max(coalesce(lastEntryAt, lastAt), coalesce(lastAt, lastEntryAt))     AS lastSeenAt
FROM sums, creation
