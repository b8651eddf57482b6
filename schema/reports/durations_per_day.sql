-- How long did the runs of each day take, and how much did they move?
--   day                 the first day of the week or month with :per
--   runs                that did not fail
--   median_ms, p95_ms   nearest rank: half of the runs, 95 of 100, took no longer
--   rows_in, rows_out   rows taken in and published
-- Parameters: :since, :until (UTC), :node. NULL, or not set: no limit.
--   :per    'week' (from Monday) or 'month'; else a day
--   :zone   'localtime' for days of this computer's clock; else days of UTC
WITH runs AS (
  SELECT duration_ms, records_pulled, records_pushed, CASE :per
           WHEN 'week' THEN date(timestamp, coalesce(:zone, '+0 days'), 'weekday 0', '-6 days')
           WHEN 'month' THEN date(timestamp, coalesce(:zone, '+0 days'), 'start of month')
           ELSE date(timestamp, coalesce(:zone, '+0 days'))
         END AS day
    FROM sync_log
   WHERE timestamp >= coalesce(:since, '') AND timestamp < coalesce(:until, 'a')
     AND (:node IS NULL OR node = :node)
     AND status <> 'error'
),
durations AS (
  SELECT day, duration_ms, count(*) AS runs, sum(records_pulled) AS rows_in,
         sum(records_pushed) AS rows_out
    FROM runs
   GROUP BY day, duration_ms
),
ranks AS (
  SELECT *, sum(runs) OVER (PARTITION BY day ORDER BY duration_ms) AS up_to,
         sum(runs) OVER (PARTITION BY day) AS n
    FROM durations
)
SELECT day,
       sum(runs) AS runs,
       min(duration_ms) FILTER (WHERE up_to * 100 >= n * 50) AS median_ms,
       min(duration_ms) FILTER (WHERE up_to * 100 >= n * 95) AS p95_ms,
       sum(rows_in) AS rows_in,
       sum(rows_out) AS rows_out
  FROM ranks
 GROUP BY day
 ORDER BY day;
