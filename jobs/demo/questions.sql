-- title: repeat purchase rate by cohort
WITH first_orders AS (
  SELECT customer_id, MIN(order_date) AS first_order FROM mart.fct_orders WHERE status != 'cancelled' GROUP BY customer_id
), activity AS (
  SELECT o.customer_id, DATE_TRUNC('month', f.first_order) AS cohort, DATEDIFF('month', f.first_order, o.order_date) AS months_since
  FROM mart.fct_orders o JOIN first_orders f ON f.customer_id = o.customer_id
)
SELECT cohort, months_since, COUNT(DISTINCT customer_id) AS customers
FROM activity WHERE cohort >= '{date}' AND months_since <= {n}
GROUP BY cohort, months_since ORDER BY cohort, months_since;
-- title: customers who stopped buying
SELECT c.customer_id, c.segment, MAX(o.order_date) AS last_order, COUNT(*) AS orders
FROM mart.dim_customers c JOIN mart.fct_orders o ON o.customer_id = c.customer_id
WHERE c.country = '{country}'
GROUP BY c.customer_id, c.segment
HAVING MAX(o.order_date) < DATEADD(day, -{days}, CURRENT_DATE()) AND COUNT(*) >= {n}
ORDER BY orders DESC LIMIT {limit};
-- title: never bought
select count(*) from mart.dim_customers c where not exists (select 1 from mart.fct_orders o where o.customer_id = c.customer_id);
-- title: never bought, other style
select customer_id, email_domain from mart.dim_customers where customer_id not in (select customer_id from mart.fct_orders where customer_id is not null) and signup_date > '{date}';
-- title: market basket
SELECT a.product_id AS product_a, b.product_id AS product_b, COUNT(DISTINCT a.order_id) AS together
FROM mart.fct_order_lines a
JOIN mart.fct_order_lines b ON a.order_id = b.order_id AND a.product_id < b.product_id
GROUP BY 1, 2 HAVING COUNT(DISTINCT a.order_id) > {n}
ORDER BY together DESC LIMIT {limit};
-- title: running total
SELECT order_date, SUM(SUM(net_amount)) OVER (ORDER BY order_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS running
FROM mart.fct_orders WHERE order_date >= '{date}' GROUP BY order_date ORDER BY order_date;
-- title: moving average
SELECT order_date, store_id, revenue, AVG(revenue) OVER (PARTITION BY store_id ORDER BY order_date ROWS BETWEEN {n} PRECEDING AND CURRENT ROW) AS revenue_ma
FROM (SELECT order_date, store_id, SUM(net_amount) AS revenue FROM mart.fct_orders GROUP BY order_date, store_id)
WHERE store_id IN ({id}, {id});
-- title: day over day change
select order_date, sum(net_amount) rev, lag(sum(net_amount)) over (order by order_date) prev, rev - prev as diff
from mart.fct_orders where order_date between '{date}' and '{date_to}' group by order_date order by 1;
-- title: best seller per category
SELECT category, sku, units FROM (
  SELECT p.category, p.sku, SUM(l.quantity) AS units, ROW_NUMBER() OVER (PARTITION BY p.category ORDER BY SUM(l.quantity) DESC) AS rn
  FROM mart.fct_order_lines l JOIN mart.dim_products p ON p.product_id = l.product_id GROUP BY p.category, p.sku
) WHERE rn <= {n};
-- title: best seller per category with qualify
SELECT p.category, p.sku, SUM(l.quantity) AS units
FROM mart.fct_order_lines l JOIN mart.dim_products p ON p.product_id = l.product_id
GROUP BY p.category, p.sku
QUALIFY RANK() OVER (PARTITION BY p.category ORDER BY SUM(l.quantity) DESC) <= {n};
-- title: pivot of channels
SELECT DATE_TRUNC('week', order_date) AS week,
  SUM(CASE WHEN channel = 'web' THEN net_amount ELSE 0 END) AS web,
  SUM(CASE WHEN channel = 'store' THEN net_amount ELSE 0 END) AS store,
  SUM(CASE WHEN channel = 'app' THEN net_amount ELSE 0 END) AS app
FROM mart.fct_orders WHERE order_date >= '{date}' GROUP BY 1 ORDER BY 1;
-- title: snowflake pivot
SELECT * FROM (SELECT region, channel, net_amount FROM mart.fct_orders JOIN mart.dim_stores USING (store_id))
PIVOT (SUM(net_amount) FOR channel IN ('web', 'store', 'app')) ORDER BY region;
-- title: json payload of sessions
SELECT payload:page.category::string AS page_category, COUNT(*) AS views, COUNT(DISTINCT session_id) AS sessions
FROM mart.fct_sessions WHERE payload:event_type::string = 'product_view' AND started_at >= '{date}'
GROUP BY 1 ORDER BY views DESC LIMIT {limit};
-- title: flattened cart
SELECT f.value:sku::string AS sku, SUM(f.value:qty::int) AS qty
FROM raw.web.carts c, LATERAL FLATTEN(input => c.payload:items) f
WHERE c.created_at > DATEADD('day', -{days}, CURRENT_TIMESTAMP())
GROUP BY 1 ORDER BY qty DESC;
-- title: promotion uplift
WITH promo AS (
  SELECT o.order_id, o.net_amount, o.promo_id IS NOT NULL AS has_promo FROM mart.fct_orders o WHERE o.order_date >= '{date}'
)
SELECT has_promo, COUNT(*) AS orders, AVG(net_amount) AS aov, MEDIAN(net_amount) AS median_order FROM promo GROUP BY has_promo;
-- title: margin by supplier
SELECT p.supplier_id, s.supplier_name, SUM(l.quantity * (l.unit_price - l.cost)) / NULLIF(SUM(l.quantity * l.unit_price), 0) AS margin
FROM mart.fct_order_lines l
INNER JOIN mart.dim_products p ON l.product_id = p.product_id
INNER JOIN mart.dim_suppliers s ON p.supplier_id = s.supplier_id
GROUP BY p.supplier_id, s.supplier_name HAVING SUM(l.quantity) > {amount} ORDER BY margin;
-- title: above average stores
SELECT store_id, SUM(net_amount) AS revenue FROM mart.fct_orders WHERE order_date >= '{date}' GROUP BY store_id
HAVING SUM(net_amount) > (SELECT AVG(rev) FROM (SELECT SUM(net_amount) AS rev FROM mart.fct_orders WHERE order_date >= '{date}' GROUP BY store_id));
-- title: most expensive order
SELECT * FROM mart.fct_orders WHERE net_amount = (SELECT MAX(net_amount) FROM mart.fct_orders WHERE channel = '{channel}');
-- title: customers of both channels
SELECT customer_id FROM mart.fct_orders WHERE channel = 'web' INTERSECT SELECT customer_id FROM mart.fct_orders WHERE channel = 'store';
-- title: web but not store
SELECT DISTINCT customer_id FROM mart.fct_orders WHERE channel = 'web' AND order_date >= '{date}'
EXCEPT
SELECT DISTINCT customer_id FROM mart.fct_orders WHERE channel = 'store';
-- title: all money movements
SELECT 'order' AS kind, order_date AS day, net_amount AS amount FROM mart.fct_orders WHERE order_date = '{date}'
UNION ALL
SELECT 'refund', return_date, -refund_amount FROM mart.fct_returns WHERE return_date = '{date}'
UNION ALL
SELECT 'ad spend', spend_date, -spend FROM mart.fct_ad_spend WHERE spend_date = '{date}'
ORDER BY day, kind;
-- title: calendar without gaps
WITH RECURSIVE days AS (
  SELECT '{date}'::date AS day UNION ALL SELECT DATEADD('day', 1, day) FROM days WHERE day < '{date_to}'
)
SELECT d.day, COALESCE(SUM(o.net_amount), 0) AS revenue
FROM days d LEFT JOIN mart.fct_orders o ON o.order_date = d.day AND o.store_id = {id}
GROUP BY d.day ORDER BY d.day;
-- title: calendar from generator
SELECT DATEADD('day', SEQ4(), '{date}') AS day FROM TABLE(GENERATOR(ROWCOUNT => {days}));
-- title: product search
SELECT product_id, sku, brand, list_price FROM mart.dim_products WHERE LOWER(sku) LIKE '%{word}%' OR brand ILIKE '{brand}%' LIMIT 50;
-- title: product by words
SELECT DISTINCT brand FROM mart.dim_products WHERE category = '{category}' AND list_price BETWEEN {n} AND {amount} ORDER BY brand;
-- title: look at a table
SELECT * FROM mart.fct_orders LIMIT 10;
-- title: look at a raw table
select * from raw.shopify.orders where _loaded_at > '{date}' limit 100;
-- title: count rows
select count(*) from mart.fct_order_lines;
-- title: how fresh
SELECT MAX(order_ts) AS latest, MIN(order_ts) AS earliest, DATEDIFF('minute', MAX(order_ts), CURRENT_TIMESTAMP()) AS lag_minutes FROM mart.fct_orders;
-- title: duplicates
SELECT order_id, COUNT(*) FROM mart.fct_orders GROUP BY order_id HAVING COUNT(*) > 1;
-- title: nulls
SELECT COUNT(*) AS n, COUNT(email_domain) AS with_email, SUM(IFF(country IS NULL, 1, 0)) AS no_country FROM mart.dim_customers;
-- title: rfm
WITH rfm AS (
  SELECT customer_id, DATEDIFF('day', MAX(order_date), CURRENT_DATE) AS recency, COUNT(*) AS frequency, SUM(net_amount) AS monetary
  FROM mart.fct_orders WHERE status = 'delivered' GROUP BY customer_id
), scored AS (
  SELECT customer_id, NTILE(5) OVER (ORDER BY recency DESC) AS r, NTILE(5) OVER (ORDER BY frequency) AS f, NTILE(5) OVER (ORDER BY monetary) AS m FROM rfm
)
SELECT r || f || m AS score, COUNT(*) AS customers FROM scored GROUP BY 1 ORDER BY 1 DESC;
-- title: loyalty tiers
SELECT CASE WHEN revenue >= {amount} THEN 'gold' WHEN revenue >= {n} THEN 'silver' ELSE 'bronze' END AS tier, COUNT(*) AS customers, AVG(revenue) AS avg_revenue
FROM (SELECT customer_id, SUM(net_amount) AS revenue FROM mart.fct_orders WHERE order_date > '{date}' GROUP BY customer_id) t GROUP BY tier;
-- title: age groups
SELECT FLOOR((YEAR(CURRENT_DATE) - birth_year) / 10) * 10 AS age_group, loyalty_tier, COUNT(*)
FROM mart.dim_customers WHERE birth_year IS NOT NULL GROUP BY 1, 2 ORDER BY 1, 2;
-- title: heat map
SELECT DAYOFWEEK(order_ts) AS dow, HOUR(order_ts) AS hour, COUNT(*) AS orders FROM mart.fct_orders WHERE store_id = {id} GROUP BY dow, hour ORDER BY dow, hour;
-- title: late deliveries
SELECT s.carrier, COUNT(*) AS late, LISTAGG(DISTINCT o.ship_country, ', ') WITHIN GROUP (ORDER BY o.ship_country) AS countries
FROM mart.fct_shipments s JOIN mart.fct_orders o ON o.order_id = s.order_id
WHERE DATEDIFF('day', s.shipped_at, COALESCE(s.delivered_at, CURRENT_TIMESTAMP())) > {n}
GROUP BY s.carrier HAVING late > 10;
-- title: returns without order
SELECT r.return_id FROM mart.fct_returns r LEFT JOIN mart.fct_orders o ON r.order_id = o.order_id WHERE o.order_id IS NULL;
-- title: return rate by product
SELECT p.brand, SUM(r.quantity) / NULLIF(SUM(l.quantity), 0) AS return_rate
FROM mart.fct_order_lines l
LEFT JOIN mart.fct_returns r ON r.order_id = l.order_id AND r.product_id = l.product_id
JOIN mart.dim_products p ON p.product_id = l.product_id
WHERE p.category = '{category}' GROUP BY p.brand ORDER BY return_rate DESC NULLS LAST LIMIT {limit};
-- title: first touch attribution
WITH touches AS (
  SELECT customer_id, utm_source, started_at, ROW_NUMBER() OVER (PARTITION BY customer_id ORDER BY started_at) AS touch FROM mart.fct_sessions WHERE customer_id IS NOT NULL
)
SELECT t.utm_source, COUNT(DISTINCT o.order_id) AS orders, SUM(o.net_amount) AS revenue
FROM touches t JOIN mart.fct_orders o ON o.customer_id = t.customer_id AND o.order_ts >= t.started_at
WHERE t.touch = 1 AND o.order_date >= '{date}' GROUP BY t.utm_source ORDER BY revenue DESC;
-- title: sessions rebuilt
SELECT customer_id, event_ts, CONDITIONAL_TRUE_EVENT(event_ts - LAG(event_ts) OVER (PARTITION BY customer_id ORDER BY event_ts) > INTERVAL '30 minutes') OVER (PARTITION BY customer_id ORDER BY event_ts) AS session_no
FROM raw.web.events WHERE event_date = '{date}';
-- title: funnel
SELECT COUNT(DISTINCT CASE WHEN step = 'view' THEN session_id END) AS views, COUNT(DISTINCT CASE WHEN step = 'cart' THEN session_id END) AS carts,
  COUNT(DISTINCT CASE WHEN step = 'checkout' THEN session_id END) AS checkouts
FROM raw.web.events WHERE event_date BETWEEN '{date}' AND '{date_to}';
-- title: stock cover
WITH sales AS (
  SELECT l.product_id, o.store_id, SUM(l.quantity) / {days} AS per_day
  FROM mart.fct_order_lines l JOIN mart.fct_orders o ON l.order_id = o.order_id
  WHERE o.order_date >= DATEADD('day', -{days}, CURRENT_DATE) GROUP BY 1, 2
)
SELECT i.store_id, i.product_id, i.on_hand / NULLIF(s.per_day, 0) AS days_of_cover
FROM mart.fct_inventory_snapshots i LEFT JOIN sales s ON s.product_id = i.product_id AND s.store_id = i.store_id
WHERE i.snapshot_date = '{date}' AND (s.per_day IS NULL OR i.on_hand / s.per_day < {n});
-- title: price changes
SELECT product_id, valid_from, list_price, list_price - LAG(list_price) OVER (PARTITION BY product_id ORDER BY valid_from) AS change
FROM mart.dim_product_prices WHERE product_id IN (SELECT product_id FROM mart.dim_products WHERE brand = '{brand}') ORDER BY product_id, valid_from;
-- title: price at the time of the order
SELECT l.order_id, l.product_id, l.unit_price, pr.list_price
FROM mart.fct_order_lines l JOIN mart.fct_orders o ON o.order_id = l.order_id
JOIN mart.dim_product_prices pr ON pr.product_id = l.product_id AND o.order_ts >= pr.valid_from AND (o.order_ts < pr.valid_to OR pr.valid_to IS NULL)
WHERE o.order_date = '{date}' AND l.unit_price < 0.5 * pr.list_price;
-- title: reviews
SELECT p.brand, AVG(v.stars) AS stars, COUNT(*) AS reviews FROM mart.fct_reviews v JOIN mart.dim_products p ON p.product_id = v.product_id
WHERE v.review_text ILIKE ANY ('%{word}%', '%broken%') GROUP BY p.brand HAVING COUNT(*) >= {n} ORDER BY stars;
-- title: subtotals
SELECT region, format, SUM(net_amount) AS revenue, GROUPING(format) AS is_total
FROM mart.fct_orders JOIN mart.dim_stores USING (store_id) WHERE order_date >= '{date}' GROUP BY ROLLUP (region, format) ORDER BY region, format;
-- title: share of category in region
SELECT s.region, p.category, RATIO_TO_REPORT(SUM(l.quantity * l.unit_price)) OVER (PARTITION BY s.region) AS share
FROM mart.fct_order_lines l JOIN mart.fct_orders o ON o.order_id = l.order_id JOIN mart.dim_stores s ON s.store_id = o.store_id JOIN mart.dim_products p ON p.product_id = l.product_id
GROUP BY s.region, p.category;
-- title: same weekday last year
SELECT a.order_date, SUM(a.net_amount) AS this_year, (SELECT SUM(b.net_amount) FROM mart.fct_orders b WHERE b.order_date = DATEADD('day', -364, a.order_date)) AS last_year
FROM mart.fct_orders a WHERE a.order_date = '{date}' GROUP BY a.order_date;
-- title: employees of a store
SELECT e.first_name || ' ' || e.last_name AS name, m.last_name AS manager FROM mart.dim_employees e LEFT JOIN mart.dim_employees m ON e.manager_id = m.employee_id WHERE e.store_id = {id} ORDER BY name;
-- title: yesterday's undo
SELECT COUNT(*) FROM mart.fct_orders AT (OFFSET => -3600) WHERE order_date = '{date}';
-- title: sample
SELECT customer_id, net_amount FROM mart.fct_orders SAMPLE (1) WHERE net_amount > {amount};
-- title: array of skus
SELECT order_id, ARRAY_AGG(product_id) WITHIN GROUP (ORDER BY line_no) AS products, ARRAY_SIZE(products) AS n FROM mart.fct_order_lines GROUP BY order_id HAVING n > {n};
-- title: email domains
SELECT SPLIT_PART(email, '@', 2) AS domain, COUNT(*) AS n FROM raw.shopify.customers WHERE REGEXP_LIKE(email, '.*@.*\\..*') GROUP BY domain ORDER BY n DESC LIMIT 25;
-- title: parse a date
SELECT TRY_TO_DATE(order_date_text, 'DD.MM.YYYY') AS d, COUNT(*) FROM raw.pos.receipts WHERE TRY_TO_DATE(order_date_text, 'DD.MM.YYYY') IS NULL GROUP BY 1;
-- title: forecast against actual
SELECT f.week, f.category, f.units AS forecast, a.units AS actual, ABS(f.units - a.units) / NULLIF(a.units, 0) AS ape
FROM planning.forecast_weekly f
LEFT JOIN (SELECT DATE_TRUNC('week', o.order_date) AS week, p.category, SUM(l.quantity) AS units
           FROM mart.fct_orders o JOIN mart.fct_order_lines l ON o.order_id = l.order_id JOIN mart.dim_products p ON p.product_id = l.product_id GROUP BY 1, 2) a
  ON a.week = f.week AND a.category = f.category
WHERE f.week >= DATE_TRUNC('week', '{date}'::date) ORDER BY ape DESC NULLS LAST;
-- title: quartiles
SELECT channel, APPROX_PERCENTILE(net_amount, 0.25) AS q1, APPROX_PERCENTILE(net_amount, 0.5) AS q2, APPROX_PERCENTILE(net_amount, 0.75) AS q3, STDDEV(net_amount) AS sd, APPROX_COUNT_DISTINCT(customer_id) AS customers
FROM mart.fct_orders WHERE order_date >= '{date}' GROUP BY channel;
-- title: several statements
SET day = '{date}'; SELECT COUNT(*) FROM mart.fct_orders WHERE order_date = $day;
-- title: gift cards still open
select g.card_no, g.amount - coalesce(sum(u.amount), 0) as rest from mart.dim_gift_cards g left join mart.fct_gift_card_uses u on u.card_no = g.card_no where g.expires_on > current_date group by g.card_no, g.amount having rest > 0 order by rest desc limit {limit};
-- title: abandoned carts
select c.cart_id, c.customer_id, c.updated_at from raw.web.carts c where c.updated_at < dateadd(hour, -{n}, current_timestamp) and not exists (select * from mart.fct_orders o where o.cart_id = c.cart_id) order by c.updated_at desc;
-- title: staff cost against revenue
with cost as (select store_id, date_trunc(month, shift_date) m, sum(hours * hourly_rate) c from mart.fct_shifts group by all),
rev as (select store_id, date_trunc(month, order_date) m, sum(net_amount) r from mart.fct_orders group by all)
select cost.store_id, cost.m, c / nullif(r, 0) as ratio from cost join rev on cost.store_id = rev.store_id and cost.m = rev.m where r > {amount} order by ratio desc;
