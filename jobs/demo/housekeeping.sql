-- title: use warehouse
USE WAREHOUSE REPORTING_WH;
-- title: use role
USE ROLE ANALYST;
-- title: show tables
SHOW TERSE TABLES IN SCHEMA "ANALYTICS"."MART" LIMIT 10000;
-- title: show schemas
show terse schemas in database ANALYTICS limit 10000;
-- title: describe
DESCRIBE TABLE ANALYTICS.MART.FCT_ORDERS;
-- title: session setting
ALTER SESSION SET QUERY_TAG = 'dashboard {n}';
-- title: time zone
ALTER SESSION SET TIMEZONE = 'UTC';
-- title: who am I
SELECT CURRENT_ROLE(), CURRENT_WAREHOUSE(), CURRENT_DATABASE();
-- title: ping
SELECT 1;
-- title: transaction
BEGIN;
-- title: commit
COMMIT;
-- title: grant
GRANT SELECT ON TABLE MART.FCT_ORDERS TO ROLE ANALYST;
-- title: explain
EXPLAIN SELECT * FROM mart.fct_orders WHERE order_date = '{date}';
