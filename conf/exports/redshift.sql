-- Amazon Redshift. Two exports; the second has whole texts, use it if statements of more than 4,000 bytes matter.
-- Both views keep rows for days only: export every night. Needs SYSLOG ACCESS UNRESTRICTED to see all users.
-- Times are UTC. CHAR columns are padded with blanks, which the reader takes away; white space in texts is stored as
-- the two characters \n, \t, \r, which the reader mends.

-- 1. Layout `redshift`: one row a statement, texts cut at 4,000 bytes (those are rejected as `truncated`).
UNLOAD ('
    SELECT
        q.query_id,                        -- needed
        q.query_text,                      -- needed
        q.status,                          -- needed: success, failed, canceled, or not finished yet
        q.start_time,                      -- needed
        q.end_time,                        -- needed: the day a query belongs to
        q.user_id,                         -- 1 is rdsdb, the service itself
        u.user_name,
        q.database_name,
        q.query_type,                      -- most rows of a busy cluster are UTILITY
        q.query_label,
        q.elapsed_time,                    -- microseconds
        q.returned_rows,
        q.generic_query_hash
    FROM sys_query_history AS q
    LEFT JOIN svl_user_info AS u ON u.user_id = q.user_id
    WHERE q.end_time >= DATEADD(day, -2, TRUNC(GETDATE())) AND q.end_time < TRUNC(GETDATE())
')
TO 's3://your-bucket/sys_query_history/' IAM_ROLE DEFAULT FORMAT PARQUET;

-- 2. Layout `redshift_text`: one row a piece of up to 4,000 bytes, joined by the reader in the order of `sequence`.
--    LISTAGG would fail beyond 65,535 bytes, and on the rows that the view holds twice. Do not trim `text` here.
UNLOAD ('
    SELECT
        t.query_id,                        -- needed
        t.sequence,                        -- needed
        t.text,                            -- needed
        q.start_time,                      -- needed
        q.end_time,
        q.status,                          -- without it failed statements count too
        q.user_id,
        u.user_name,
        q.database_name,
        q.query_type,
        q.query_label,
        q.elapsed_time,
        q.returned_rows,
        q.generic_query_hash
    FROM sys_query_text AS t
    JOIN sys_query_history AS q ON q.query_id = t.query_id
    LEFT JOIN svl_user_info AS u ON u.user_id = q.user_id
    WHERE q.end_time >= DATEADD(day, -2, TRUNC(GETDATE())) AND q.end_time < TRUNC(GETDATE())
')
TO 's3://your-bucket/sys_query_text/' IAM_ROLE DEFAULT FORMAT PARQUET;

-- 3. Layout `redshift_text` on an older provisioned cluster: pieces of 200 bytes.
UNLOAD ('
    SELECT t.userid, t.query, t.sequence, t.text, q.starttime, q.endtime, q.aborted, q.database, q.label
    FROM stl_querytext AS t
    JOIN stl_query AS q ON q.query = t.query
    WHERE q.endtime >= DATEADD(day, -2, TRUNC(GETDATE())) AND q.endtime < TRUNC(GETDATE())
')
TO 's3://your-bucket/stl_querytext/' IAM_ROLE DEFAULT FORMAT PARQUET;
