-- Databricks → layout `databricks`. On Databricks itself nothing need be exported: read `system.query.history` as a
-- table. For elsewhere, this writes a Delta table of the last days.
-- Needs SELECT on system.query. The table holds statements of SQL warehouses and serverless compute of this region only.
-- Where customer-managed keys are set, statement_text is empty: those rows are counted as empty.
-- Long texts are shortened to a limit that is not published.

CREATE OR REPLACE TABLE your_catalog.your_schema.query_history AS
SELECT
    statement_id,            -- needed
    statement_text,          -- needed
    execution_status,        -- needed: FINISHED, FAILED, CANCELED
    start_time,              -- needed
    end_time,                -- needed: the day a query belongs to
    update_time,             -- of two rows of one statement the later one is kept
    statement_type,
    executed_by,
    executed_as,             -- read as the role
    client_application,
    query_source,            -- job, dashboard, alert, Genie space, notebook: read into the query tag
    -- query_tags,           -- where the workspace has them
    total_duration_ms,
    read_bytes,
    produced_rows
FROM system.query.history
WHERE end_time >= date_sub(current_date(), 2)
  AND end_time < current_date();
