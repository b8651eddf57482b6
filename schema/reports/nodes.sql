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
WITH runs AS (
  SELECT *, CASE
           WHEN error_message GLOB '*([0-9]* runs since ????-??-??T??:??:??.???Z)' THEN
             CAST(replace(substr(error_message, length(rtrim(substr(error_message, 1,
               length(error_message) - 37), '0123456789,')) + 1), ',', '') AS INTEGER)
           ELSE 1
         END AS times, :since IS NULL OR timestamp >= :since AS in_period
    FROM sync_log
   WHERE :until IS NULL OR timestamp < :until
),
nodes AS (
  SELECT node,
         max(timestamp) AS last_sync,
         max(timestamp) FILTER (WHERE status <> 'error') AS last_success,
         coalesce(sum(times) FILTER (WHERE in_period), 0) AS runs,
         coalesce(sum(times) FILTER (WHERE in_period AND status NOT IN ('success', 'partial')), 0)
           AS failed,
         coalesce(sum(records_pulled) FILTER (WHERE in_period), 0) AS rows_in,
         coalesce(sum(records_pushed) FILTER (WHERE in_period), 0) AS rows_out,
         coalesce(sum(conflicts) FILTER (WHERE in_period), 0) AS conflicts,
         max(coalesce(seq_after, 0)) AS seq_after
    FROM runs
   GROUP BY node
),
failing AS (
  SELECT node, sum(times) AS runs
    FROM runs JOIN nodes USING (node)
   WHERE status = 'error' AND timestamp > coalesce(last_success, '')
   GROUP BY node
)
SELECT node,
       (SELECT l.user FROM sync_log l WHERE l.timestamp = n.last_sync AND l.node = n.node) AS user,
       last_sync, last_success,
       coalesce((SELECT f.runs FROM failing f WHERE f.node = n.node), 0) AS failing_runs,
       runs, failed, rows_in, rows_out, conflicts, seq_after,
       (SELECT max(seq_after) FROM nodes) - seq_after AS behind
  FROM nodes n
 WHERE :node IS NULL OR node = :node
 ORDER BY node;
