-- BigQuery → layout `bigquery`. Once for each project and region: only the project's own view has the text (the views
-- by folder and by organization lack the column `query`), and the view of a region you do not use is empty without an
-- error, so set `region-eu` to yours.
-- Needs bigquery.jobs.listAll (roles/bigquery.resourceViewer) on the project.
--
-- The scan is cut by creation_time, which partitions the view; the day a query belongs to is its end_time.
-- Parquet keeps all columns. JSON leaves fields out that are null: a day without errors then has no error_result,
-- which the reader takes as that.

EXPORT DATA OPTIONS (uri = 'gs://your-bucket/jobs/*.parquet', format = 'PARQUET', overwrite = TRUE) AS
SELECT
    query,                   -- needed
    job_id,                  -- needed
    end_time,                -- needed; UTC
    statement_type,          -- needed: SCRIPT is the parent of statements that are rows of their own
    start_time,              -- needed (or creation_time)
    creation_time,
    parent_job_id,
    job_type,                -- LOAD, EXTRACT, COPY are left out of the count, and jobs without a type
    state,                   -- DONE, or still running
    error_result,            -- set for jobs that failed or were canceled
    query_dialect,           -- legacy SQL is rejected: it is another language
    user_email,
    project_id,
    total_bytes_processed,   -- null under row-level security
    labels,                  -- dbt and Looker say who they are here
    query_info               -- its hash of the query without literals
FROM `region-eu`.INFORMATION_SCHEMA.JOBS
WHERE creation_time >= TIMESTAMP_SUB(TIMESTAMP_TRUNC(CURRENT_TIMESTAMP(), DAY), INTERVAL 3 DAY)
  AND end_time >= TIMESTAMP_SUB(TIMESTAMP_TRUNC(CURRENT_TIMESTAMP(), DAY), INTERVAL 2 DAY)
  AND end_time < TIMESTAMP_TRUNC(CURRENT_TIMESTAMP(), DAY);
