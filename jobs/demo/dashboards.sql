-- title: revenue today by channel
SELECT channel, SUM(net_amount) AS revenue, COUNT(DISTINCT order_id) AS orders
FROM analytics.mart.fct_orders
WHERE order_date = '{date}' AND status <> 'cancelled'
GROUP BY channel
ORDER BY revenue DESC;
-- title: revenue by day, this year against last
WITH daily AS (
  SELECT DATE_TRUNC('day', order_ts) AS day, SUM(net_amount) AS revenue
  FROM analytics.mart.fct_orders
  WHERE order_ts >= DATEADD('year', -1, '{date}'::date) AND status IN ('paid', 'shipped', 'delivered')
  GROUP BY 1
)
SELECT cur.day, cur.revenue, prev.revenue AS revenue_last_year, (cur.revenue - prev.revenue) / NULLIF(prev.revenue, 0) AS growth
FROM daily cur
LEFT JOIN daily prev ON prev.day = DATEADD('year', -1, cur.day)
WHERE cur.day >= '{date}'
ORDER BY cur.day;
-- title: looker orders explore
-- Looker Query Context '{"user_id":{id},"history_slug":"{slug}","instance_slug":"retail"}'
SELECT
    (TO_CHAR(TO_DATE(orders."ORDER_TS"), 'YYYY-MM-DD')) AS "orders.order_date",
    stores."REGION" AS "stores.region",
    COUNT(DISTINCT orders."ORDER_ID") AS "orders.count",
    COALESCE(SUM(CAST(orders."NET_AMOUNT" AS DOUBLE PRECISION)), 0) AS "orders.total_net_amount"
FROM "ANALYTICS"."MART"."FCT_ORDERS" AS orders
LEFT JOIN "ANALYTICS"."MART"."DIM_STORES" AS stores ON orders."STORE_ID" = stores."STORE_ID"
WHERE ((( orders."ORDER_TS" ) >= (TO_TIMESTAMP('{date}')) AND ( orders."ORDER_TS" ) < (DATEADD('day', {days}, TO_TIMESTAMP('{date}'))))) AND (stores."REGION") = '{region}'
GROUP BY 1, 2
ORDER BY 1 DESC
FETCH NEXT 500 ROWS ONLY;
-- title: looker customers explore
-- Looker Query Context '{"user_id":{id},"history_slug":"{slug}","instance_slug":"retail"}'
SELECT
    customers."SEGMENT" AS "customers.segment",
    customers."LOYALTY_TIER" AS "customers.loyalty_tier",
    COUNT(DISTINCT CASE WHEN orders."STATUS" = 'delivered' THEN orders."CUSTOMER_ID" ELSE NULL END) AS "orders.delivered_customers",
    AVG(orders."NET_AMOUNT") AS "orders.average_net_amount"
FROM "ANALYTICS"."MART"."FCT_ORDERS" AS orders
LEFT JOIN "ANALYTICS"."MART"."DIM_CUSTOMERS" AS customers ON orders."CUSTOMER_ID" = customers."CUSTOMER_ID"
WHERE (customers."COUNTRY" = '{country}') AND (orders."ORDER_DATE" >= '{date}')
GROUP BY 1, 2
HAVING (COUNT(DISTINCT orders."ORDER_ID") > {n})
ORDER BY 4 DESC
LIMIT 500;
-- title: tableau sales by category
SELECT "PRODUCTS"."CATEGORY" AS "CATEGORY", SUM(("LINES"."QUANTITY" * "LINES"."UNIT_PRICE")) AS "sum:Sales:ok",
  DATE_TRUNC('MONTH', CAST("ORDERS"."ORDER_DATE" AS DATE)) AS "tmn:ORDER_DATE:ok"
FROM "MART"."FCT_ORDER_LINES" "LINES"
  INNER JOIN "MART"."FCT_ORDERS" "ORDERS" ON ("LINES"."ORDER_ID" = "ORDERS"."ORDER_ID")
  INNER JOIN "MART"."DIM_PRODUCTS" "PRODUCTS" ON ("LINES"."PRODUCT_ID" = "PRODUCTS"."PRODUCT_ID")
WHERE (("ORDERS"."ORDER_DATE" >= {d_date}) AND ("PRODUCTS"."CATEGORY" IN ('{category}', '{category}')))
GROUP BY 1, 3;
-- title: tableau filter values
SELECT "STORES"."STORE_NAME" AS "STORE_NAME" FROM "MART"."DIM_STORES" "STORES" WHERE ("STORES"."REGION" = '{region}') GROUP BY 1 ORDER BY 1 ASC;
-- title: top products of the week
SELECT p.product_id, p.sku, p.brand, SUM(l.quantity) AS units, SUM(l.quantity * l.unit_price - l.line_discount) AS revenue
FROM mart.fct_order_lines l
JOIN mart.dim_products p ON p.product_id = l.product_id
JOIN mart.fct_orders o ON o.order_id = l.order_id
WHERE o.order_date BETWEEN '{date}' AND '{date_to}' AND p.category = '{category}'
GROUP BY p.product_id, p.sku, p.brand
ORDER BY revenue DESC
LIMIT {limit};
-- title: stock alerts
SELECT s.store_name, p.sku, i.on_hand, i.reorder_point
FROM mart.fct_inventory_snapshots i
JOIN mart.dim_stores s USING (store_id)
JOIN mart.dim_products p USING (product_id)
WHERE i.snapshot_date = '{date}' AND i.on_hand < i.reorder_point AND s.region = '{region}'
ORDER BY i.reorder_point - i.on_hand DESC
LIMIT 200;
-- title: return rate by reason
SELECT r.reason, COUNT(*) AS returns, SUM(r.refund_amount) AS refunded, COUNT(*) / SUM(COUNT(*)) OVER () AS share
FROM mart.fct_returns r
WHERE r.return_date >= '{date}'
GROUP BY r.reason
ORDER BY returns DESC;
-- title: delivery times
SELECT carrier, AVG(DATEDIFF('hour', shipped_at, delivered_at)) AS avg_hours,
       PERCENTILE_CONT(0.9) WITHIN GROUP (ORDER BY DATEDIFF('hour', shipped_at, delivered_at)) AS p90_hours
FROM mart.fct_shipments
WHERE shipped_at >= '{date}' AND delivered_at IS NOT NULL
GROUP BY carrier
ORDER BY carrier;
-- title: conversion by device
SELECT device, COUNT(*) AS sessions, COUNT_IF(converted) AS orders, COUNT_IF(converted) / COUNT(*) AS conversion
FROM mart.fct_sessions
WHERE started_at >= '{date}' AND started_at < '{date_to}'
GROUP BY device;
-- title: single figure
SELECT SUM(net_amount) FROM mart.fct_orders WHERE order_date >= '{date}' AND store_id = {id};
-- title: single count
SELECT COUNT(*) FROM mart.dim_customers WHERE signup_date = '{date}';
-- title: customer card
SELECT c.*, t.orders, t.revenue
FROM mart.dim_customers c
LEFT JOIN (SELECT customer_id, COUNT(*) AS orders, SUM(net_amount) AS revenue FROM mart.fct_orders GROUP BY customer_id) t ON t.customer_id = c.customer_id
WHERE c.customer_id = {id};
-- title: last orders of a customer
SELECT order_id, order_ts, status, net_amount FROM mart.fct_orders WHERE customer_id = {id} ORDER BY order_ts DESC LIMIT 20;
-- title: latest price
SELECT product_id, list_price FROM mart.dim_product_prices WHERE product_id = {id}
QUALIFY ROW_NUMBER() OVER (PARTITION BY product_id ORDER BY valid_from DESC) = 1;
-- title: marketing spend against revenue
SELECT COALESCE(a.month, r.month) AS month, a.spend, r.revenue, r.revenue / NULLIF(a.spend, 0) AS roas
FROM (SELECT DATE_TRUNC('month', spend_date) AS month, SUM(spend) AS spend FROM mart.fct_ad_spend WHERE campaign_channel = '{channel}' GROUP BY 1) a
FULL OUTER JOIN (SELECT DATE_TRUNC('month', order_date) AS month, SUM(net_amount) AS revenue FROM mart.fct_orders WHERE utm_source = '{channel}' GROUP BY 1) r ON a.month = r.month
ORDER BY 1;
-- title: store scorecard
SELECT s.store_id, s.store_name, s.format, SUM(o.net_amount) AS revenue, SUM(o.net_amount) / MAX(s.sqm) AS revenue_per_sqm,
       RANK() OVER (PARTITION BY s.format ORDER BY SUM(o.net_amount) DESC) AS place
FROM mart.dim_stores s JOIN mart.fct_orders o ON o.store_id = s.store_id
WHERE o.order_date >= DATE_TRUNC('month', '{date}'::date)
GROUP BY s.store_id, s.store_name, s.format
ORDER BY s.format, place;
-- title: power bi table
select "_"."REGION", sum("_"."NET_AMOUNT") as "C1" from ( select "$Outer"."REGION", "$Inner"."NET_AMOUNT" from "MART"."FCT_ORDERS" as "$Inner" left outer join "MART"."DIM_STORES" as "$Outer" on ("$Inner"."STORE_ID" = "$Outer"."STORE_ID") ) as "_" where "_"."REGION" in ('{region}', '{region}', '{region}') group by "_"."REGION" limit 1000001;
