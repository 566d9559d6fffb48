-- title: missing parenthesis
SELECT COUNT(DISTINCT customer_id FROM mart.fct_orders WHERE order_date = '{date}';
-- title: keyword twice
SELECT customer_id, SUM(net_amount) FROM mart.fct_orders WHERE WHERE status = 'paid' GROUP BY customer_id;
-- title: trailing comma before from
SELECT order_id, FROM, mart.fct_orders;
-- title: unfinished
SELECT p.category, SUM(l.quantity) FROM mart.fct_order_lines l JOIN mart.dim_products p ON;
-- title: open string
SELECT * FROM mart.dim_products WHERE brand = '{brand};
-- title: prose in the worksheet
revenue by store for {date} please;
-- title: half a case
SELECT CASE WHEN channel = 'web' THEN 1 ELSE FROM mart.fct_orders;
-- title: unknown column (parses)
SELECT customer_nmae, SUM(net_amount) FROM mart.fct_orders GROUP BY 1;
-- title: no such table (parses)
SELECT * FROM mart.fct_order WHERE order_date = '{date}' LIMIT 100;
-- title: timed out cross join (parses)
SELECT COUNT(*) FROM mart.fct_orders, mart.fct_order_lines, mart.fct_sessions;
-- title: division by zero (parses)
SELECT store_id, SUM(net_amount) / COUNT_IF(status = 'nope') FROM mart.fct_orders GROUP BY store_id;
