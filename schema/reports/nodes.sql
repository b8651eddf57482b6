-- How does each computer stand?
--   node, user               user: who used it last
--   last_sync                when its last run began, whatever came of it (UTC)
--   last_success             when its last run began that did not fail; NULL: never
--   failing_runs             runs that failed since the last one that did not
--   runs, failed             in the period
--   rows_in, rows_out        in the period
--   conflicts                decisions against a version, in the period
--   seq_after                the newest batch that it has taken in, by its last runs
--   behind                   by how many batches another computer is ahead of that
-- Parameters: :since, :until (UTC), :node. NULL, or not set: no limit.
-- Also computers that did not run in the period are listed. A row that stands for several runs that
-- failed alike ("... (12 runs since ...)") counts as so many.
WITH ever AS (
  SELECT node, max(timestamp) AS last_sync,
         max(CASE WHEN status <> 'error' THEN timestamp END) AS last_success,
         max(coalesce(seq_after, 0)) AS seq_after
    FROM sync_log
   WHERE :until IS NULL OR timestamp < :until
   GROUP BY node
),
runs AS (
  SELECT *, CASE
           WHEN error_message GLOB '*([0-9]* runs since ????-??-??T??:??:??.???Z)' THEN
             CAST(replace(substr(error_message, length(rtrim(substr(error_message, 1,
               length(error_message) - 37), '0123456789,')) + 1), ',', '') AS INTEGER)
           ELSE 1
         END AS times
    FROM sync_log
   WHERE timestamp < coalesce(:until, 'a')
),
period AS (
  SELECT node, sum(times) AS runs,
         sum(CASE WHEN status NOT IN ('success', 'partial') THEN times ELSE 0 END) AS failed,
         sum(records_pulled) AS rows_in, sum(records_pushed) AS rows_out,
         sum(conflicts) AS conflicts
    FROM runs
   WHERE timestamp >= coalesce(:since, '')
   GROUP BY node
),
failing AS (
  SELECT node, sum(times) AS runs
    FROM runs JOIN ever USING (node)
   WHERE status = 'error' AND timestamp > coalesce(last_success, '')
   GROUP BY node
)
SELECT node,
       (SELECT l.user FROM sync_log l WHERE l.timestamp = e.last_sync AND l.node = e.node) AS user,
       last_sync, last_success,
       coalesce((SELECT f.runs FROM failing f WHERE f.node = e.node), 0) AS failing_runs,
       coalesce(p.runs, 0) AS runs, coalesce(failed, 0) AS failed, coalesce(rows_in, 0) AS rows_in,
       coalesce(rows_out, 0) AS rows_out, coalesce(conflicts, 0) AS conflicts, seq_after,
       (SELECT max(seq_after) FROM ever) - seq_after AS behind
  FROM ever e LEFT JOIN period p USING (node)
 WHERE :node IS NULL OR node = :node
 ORDER BY node;
