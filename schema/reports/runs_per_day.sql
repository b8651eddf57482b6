-- How did the runs of each day end?
--   day                       the first day of the week or month with :per
--   success, partial, error   runs
-- Parameters: :since, :until (UTC), :node. NULL, or not set: no limit.
--   :per    'week' (from Monday) or 'month'; else a day
--   :zone   'localtime' for days of this computer's clock; else days of UTC
-- A row that stands for several runs that failed alike ("... (12 runs since ...)") counts as so many,
-- on the day of the first.
WITH runs AS (
  SELECT status, CASE
           WHEN error_message GLOB '*([0-9]* runs since ????-??-??T??:??:??.???Z)' THEN
             CAST(replace(substr(error_message, length(rtrim(substr(error_message, 1,
               length(error_message) - 37), '0123456789,')) + 1), ',', '') AS INTEGER)
           ELSE 1
         END AS times, CASE :per
           WHEN 'week' THEN date(timestamp, coalesce(:zone, '+0 days'), 'weekday 0', '-6 days')
           WHEN 'month' THEN date(timestamp, coalesce(:zone, '+0 days'), 'start of month')
           ELSE date(timestamp, coalesce(:zone, '+0 days'))
         END AS day
    FROM sync_log
   WHERE timestamp >= coalesce(:since, '') AND timestamp < coalesce(:until, 'a')
     AND (:node IS NULL OR node = :node)
)
SELECT day,
       coalesce(sum(times) FILTER (WHERE status = 'success'), 0) AS success,
       coalesce(sum(times) FILTER (WHERE status = 'partial'), 0) AS partial,
       coalesce(sum(times) FILTER (WHERE status NOT IN ('success', 'partial')), 0) AS error
  FROM runs
 GROUP BY day
 ORDER BY day;
