-- title: dbt table
{dbt} create or replace transient table analytics.mart.fct_orders as (
with orders as (select * from analytics.staging.stg_orders),
payments as (select order_id, sum(amount) as paid from analytics.staging.stg_payments group by order_id),
final as (
  select o.order_id, o.customer_id, o.store_id, o.order_ts, cast(o.order_ts as date) as order_date, o.gross_amount, coalesce(o.discount_amount, 0) as discount_amount,
    o.gross_amount - coalesce(o.discount_amount, 0) as net_amount, case when p.paid >= o.gross_amount then 'paid' else 'open' end as status
  from orders o left join payments p on o.order_id = p.order_id
)
select * from final
);
-- title: dbt view
{dbt} create or replace view analytics.staging.stg_orders as (
select id as order_id, customer:id::number as customer_id, created_at::timestamp_ntz as order_ts, total_price::number(12, 2) as gross_amount
from raw.shopify.orders qualify row_number() over (partition by id order by _loaded_at desc) = 1
);
-- title: dbt incremental merge
{dbt} merge into analytics.mart.fct_order_lines as DBT_INTERNAL_DEST
using analytics.mart.fct_order_lines__dbt_tmp as DBT_INTERNAL_SOURCE
on DBT_INTERNAL_SOURCE.line_key = DBT_INTERNAL_DEST.line_key
when matched then update set quantity = DBT_INTERNAL_SOURCE.quantity, unit_price = DBT_INTERNAL_SOURCE.unit_price
when not matched then insert (line_key, order_id, quantity, unit_price) values (line_key, order_id, quantity, unit_price);
-- title: dbt temporary table
{dbt} create or replace temporary view analytics.mart.fct_order_lines__dbt_tmp as (
select line_key, order_id, quantity, unit_price, updated_at from analytics.staging.stg_order_lines where updated_at > (select max(updated_at) from analytics.mart.fct_order_lines));
-- title: dbt test not null
{dbt} select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 as should_error from (select order_id from analytics.mart.fct_orders where order_id is null) dbt_internal_test;
-- title: dbt test unique
{dbt} select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 as should_error from (
select customer_id as unique_field, count(*) as n_records from analytics.mart.dim_customers where customer_id is not null group by customer_id having count(*) > 1) dbt_internal_test;
-- title: dbt test relationship
{dbt} select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 as should_error from (
with child as (select store_id as from_field from analytics.mart.fct_orders where store_id is not null), parent as (select store_id as to_field from analytics.mart.dim_stores)
select from_field from child left join parent on child.from_field = parent.to_field where parent.to_field is null) dbt_internal_test;
-- title: dbt test accepted values
{dbt} select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 as should_error from (
with all_values as (select status as value_field, count(*) as n_records from analytics.mart.fct_orders group by status)
select * from all_values where value_field not in ('open', 'paid', 'shipped', 'delivered', 'cancelled', 'returned')) dbt_internal_test;
-- title: load of the day
INSERT INTO raw.pos.receipts SELECT $1:receipt_id::number, $1:store::number, $1:ts::timestamp, $1 FROM @raw.pos.landing/{date}/ (FILE_FORMAT => 'json_lines');
-- title: daily aggregate
INSERT INTO analytics.mart.agg_daily_sales (day, store_id, revenue, orders)
SELECT order_date, store_id, SUM(net_amount), COUNT(DISTINCT order_id) FROM analytics.mart.fct_orders WHERE order_date = '{date}' GROUP BY order_date, store_id;
-- title: delete before load
DELETE FROM analytics.mart.agg_daily_sales WHERE day = '{date}';
-- title: copy from stage
COPY INTO raw.shopify.orders FROM @raw.shopify.stage/orders/{date}/ FILE_FORMAT = (TYPE = 'JSON') ON_ERROR = 'CONTINUE';
-- title: scd merge
MERGE INTO mart.dim_product_prices t USING (
  SELECT product_id, price AS list_price, updated_at AS valid_from FROM raw.erp.prices WHERE updated_at >= '{date}' QUALIFY ROW_NUMBER() OVER (PARTITION BY product_id ORDER BY updated_at DESC) = 1
) s ON t.product_id = s.product_id AND t.valid_to IS NULL
WHEN MATCHED AND t.list_price <> s.list_price THEN UPDATE SET valid_to = s.valid_from
WHEN NOT MATCHED THEN INSERT (product_id, list_price, valid_from) VALUES (s.product_id, s.list_price, s.valid_from);
-- title: feature table
CREATE OR REPLACE TABLE ml.customer_features AS
SELECT c.customer_id, COUNT(o.order_id) AS orders_{days}d, SUM(o.net_amount) AS revenue_{days}d, MAX(o.order_ts) AS last_order_at, COUNT(r.return_id) AS returns_{days}d
FROM mart.dim_customers c
LEFT JOIN mart.fct_orders o ON o.customer_id = c.customer_id AND o.order_date >= DATEADD('day', -{days}, '{date}')
LEFT JOIN mart.fct_returns r ON r.order_id = o.order_id
GROUP BY c.customer_id;
-- title: update flags
UPDATE mart.dim_customers SET loyalty_tier = 'gold' WHERE customer_id IN (SELECT customer_id FROM mart.fct_orders WHERE order_date >= '{date}' GROUP BY customer_id HAVING SUM(net_amount) > {amount});
-- title: literal insert
INSERT INTO ops.load_log (job, day, rows_loaded) VALUES ('orders', '{date}', {amount});
-- title: truncate
TRUNCATE TABLE raw.pos.receipts_tmp;
-- title: procedure
CALL ops.refresh_stock('{date}', {id});
-- title: unload
COPY INTO @exports.partners/{date}/stock.csv FROM (SELECT p.sku, SUM(i.on_hand) AS on_hand FROM mart.fct_inventory_snapshots i JOIN mart.dim_products p ON p.product_id = i.product_id WHERE i.snapshot_date = '{date}' GROUP BY p.sku) FILE_FORMAT = (TYPE = CSV) HEADER = TRUE;
