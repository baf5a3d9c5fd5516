-- What does ClickHouse know of the customers? One row for each, with sums in minor units; who has a higher rev replaces the others. The columns
-- are in the order of row.ts. Days are since 1970, months since year 0, in the workspace's zone; nothing here says who somebody is.
-- gone: nobody any more. A row with the number 0 says which filling the table holds. cohort_month 0: the first touch is after the clock.
-- cell: sales and refunds by day (definitions §8). unconverted: sales without a rate, as in customer_unconverted.
-- …_credit: what attribution gives by key and day, sales in ten-thousandths; a key is a row of credit_key. …_customer: the days on which a key
-- is credited, with the day before on which it was; paying: the same of any sale.
CREATE TABLE IF NOT EXISTS facts_v1 (
  customer          UInt64,
  rev               UInt64,
  gone              UInt8,
  erased            UInt8,
  first_touch_at    Int64,
  first_touch_day   Int32,
  first_touch_month Int32,
  cohort_month      Int32,
  source            LowCardinality(String),
  campaign          LowCardinality(String),
  has_lead          UInt8,
  sales             Int64,
  gross_minor       Int64,
  refunds_minor     Int64,
  first_sale_at     Int64,
  first_sale_day    Int32,
  cell              Nested(day Int32, month Int32, period Int32, sales Int64, gross_minor Int64, refunds_minor Int64, first_sale_minor Int64,
                           active_month UInt8, active_period UInt8, new_paying UInt8),
  unconverted       Nested(month Int32, sale_day Int32, entry_day Int32, currency LowCardinality(String), sales Int64, gross_minor Int64,
                           refunds_minor Int64),
  source_credit     Nested(key UInt32, day Int32, touches UInt32, clicks UInt32, last_sales Int64, first_sales Int64, linear_sales Int64,
                           position_sales Int64, time_decay_sales Int64, last_minor Int64, first_minor Int64, linear_minor Int64,
                           position_minor Int64, time_decay_minor Int64),
  campaign_credit   Nested(key UInt32, day Int32, touches UInt32, clicks UInt32, last_sales Int64, first_sales Int64, linear_sales Int64,
                           position_sales Int64, time_decay_sales Int64, last_minor Int64, first_minor Int64, linear_minor Int64,
                           position_minor Int64, time_decay_minor Int64),
  link_credit       Nested(key UInt32, day Int32, touches UInt32, clicks UInt32, last_sales Int64, first_sales Int64, linear_sales Int64,
                           position_sales Int64, time_decay_sales Int64, last_minor Int64, first_minor Int64, linear_minor Int64,
                           position_minor Int64, time_decay_minor Int64),
  source_customer   Nested(key UInt32, day Int32, previous Int32, last UInt8, first UInt8, every UInt8),
  campaign_customer Nested(key UInt32, day Int32, previous Int32, last UInt8, first UInt8, every UInt8),
  link_customer     Nested(key UInt32, day Int32, previous Int32, last UInt8, first UInt8, every UInt8),
  paying            Nested(day Int32, previous Int32)
) ENGINE = ReplacingMergeTree(rev, gone) ORDER BY customer
