-- Snowflake → layout `snowflake`. Run once a day for the day before yesterday up to now; a night recomputes its last
-- days anyway, since rows arrive up to 45 minutes after a statement ends, and rows exported twice are found by
-- (query_id, start_time).
-- Needs a role with the database role SNOWFLAKE.GOVERNANCE_VIEWER (or IMPORTED PRIVILEGES on SNOWFLAKE).
--
-- Columns an account does not have may be left out, except the five marked "needed".
-- Times become UTC without a zone: unloading to Parquet refuses TIMESTAMP_LTZ. With CSV or JSON LTZ texts work as well.
-- Not in this view: short statements that touch hybrid tables only (see AGGREGATE_QUERY_HISTORY).

COPY INTO @sqlalign_stage/query_history/
FROM (
    SELECT
        q.query_id,                                                              -- needed
        q.query_text,                                                            -- needed; cut at 100,000 characters
        q.execution_status,                                                      -- needed: success, fail, incident
        CONVERT_TIMEZONE('UTC', q.start_time)::TIMESTAMP_NTZ AS start_time,      -- needed
        CONVERT_TIMEZONE('UTC', q.end_time)::TIMESTAMP_NTZ AS end_time,          -- needed: the day a query belongs to
        q.error_code,                                                            -- tells canceled (604) from failed
        q.is_client_generated_statement,                                         -- statements of drivers and Snowsight
        q.user_name,
        q.role_name,
        q.database_name,
        q.schema_name,
        q.query_type,
        q.query_tag,
        q.total_elapsed_time,                                                    -- milliseconds
        q.bytes_scanned,
        q.rows_produced,
        q.query_parameterized_hash,
        s.client_application_id,                                                 -- the application, for filters
        a.parent_query_id                                                        -- statements run by a procedure
    FROM snowflake.account_usage.query_history AS q
    LEFT JOIN snowflake.account_usage.sessions AS s ON s.session_id = q.session_id
    LEFT JOIN snowflake.account_usage.access_history AS a ON a.query_id = q.query_id   -- Enterprise Edition only
    WHERE q.end_time >= DATEADD(day, -2, CURRENT_DATE())
      AND q.end_time < CURRENT_DATE()
)
FILE_FORMAT = (TYPE = PARQUET)
HEADER = TRUE;
