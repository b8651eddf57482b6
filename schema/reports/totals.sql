-- What came of all runs of the period?
--   runs, success, partial, error   runs, and how they ended
--   rows_in, rows_out               rows taken in and published
--   conflicts                       decisions against a version
--   first_run, last_run             UTC
--   median_ms, p95_ms               how long runs took that did not fail; nearest rank
-- Parameters: :since, :until (UTC, '2026-11-01T00:00:00.000Z'), :node. NULL, or not set: no limit.
-- A row that stands for several runs that failed alike ("... (12 runs since ...)") counts as so many.
WITH runs AS (
  SELECT *, CASE
           WHEN error_message GLOB '*([0-9]* runs since ????-??-??T??:??:??.???Z)' THEN
             CAST(replace(substr(error_message, length(rtrim(substr(error_message, 1,
               length(error_message) - 37), '0123456789,')) + 1), ',', '') AS INTEGER)
           ELSE 1
         END AS times
    FROM sync_log
   WHERE timestamp >= coalesce(:since, '') AND timestamp < coalesce(:until, 'a')
     AND (:node IS NULL OR node = :node)
),
durations AS (
  SELECT duration_ms, count(*) AS runs FROM runs WHERE status <> 'error' GROUP BY duration_ms
),
ranks AS (
  SELECT duration_ms, sum(runs) OVER (ORDER BY duration_ms) AS up_to, sum(runs) OVER () AS n
    FROM durations
)
SELECT coalesce(sum(times), 0) AS runs,
       coalesce(sum(times) FILTER (WHERE status = 'success'), 0) AS success,
       coalesce(sum(times) FILTER (WHERE status = 'partial'), 0) AS partial,
       coalesce(sum(times) FILTER (WHERE status NOT IN ('success', 'partial')), 0) AS error,
       coalesce(sum(records_pulled), 0) AS rows_in,
       coalesce(sum(records_pushed), 0) AS rows_out,
       coalesce(sum(conflicts), 0) AS conflicts,
       min(timestamp) AS first_run,
       max(timestamp) AS last_run,
       (SELECT min(duration_ms) FROM ranks WHERE up_to * 100 >= n * 50) AS median_ms,
       (SELECT min(duration_ms) FROM ranks WHERE up_to * 100 >= n * 95) AS p95_ms
  FROM runs;
