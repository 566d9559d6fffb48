-- ClickHouse → layout `clickhouse`. `default` is the cluster's name; on a single server read system.query_log.
-- Flush first, else the last seconds are missing: SYSTEM FLUSH LOGS.
--
-- Times are exported in UTC here; if you export them as they are, give the server's zone as time_zone.
-- Rows of both events (start and finish) may be exported: a start is not counted. The filter below saves half of them.
-- A text is cut at log_queries_cut_to_length (100,000 bytes by default; leave it at that, the reader goes by it).
-- With log_queries_probability below 1 the log is a sample. Data of INSERT are not logged.

SELECT
    query,                                                                          -- needed
    query_id,                                                                       -- needed
    type,                                                                           -- needed: QueryFinish, Exception…
    is_initial_query,                                                               -- needed: 0 is a node's subquery
    toTimeZone(query_start_time_microseconds, 'UTC') AS query_start_time_microseconds,  -- needed
    toTimeZone(event_time_microseconds, 'UTC') AS event_time_microseconds,          -- needed: the end, and the day
    exception_code,                                                                 -- tells canceled (394) from failed
    initial_query_id,
    initial_user,
    user,
    current_database,
    query_kind,
    query_duration_ms,
    read_bytes,
    result_rows,
    toString(normalized_query_hash) AS normalized_query_hash,                       -- unsigned 64 bit
    client_name,
    http_user_agent,
    log_comment                                                                     -- read as the query tag
FROM clusterAllReplicas('default', system.query_log)
WHERE event_time >= today() - 2
  AND event_time < today()
  AND type != 'QueryStart'
INTO OUTFILE 'query_log.parquet'
FORMAT Parquet;
