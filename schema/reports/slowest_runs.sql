-- Which runs took longest?
--   timestamp, node, user, duration_ms, status   timestamp: when it began (UTC)
--   rows_in, rows_out                            rows taken in and published
--   run_id                                       for tidesync history
-- Parameters: :since, :until (UTC), :node. NULL, or not set: no limit.
--   :limit   how many; else 20
SELECT timestamp, node, user, duration_ms, status, records_pulled AS rows_in,
       records_pushed AS rows_out, run_id
  FROM sync_log
 WHERE timestamp >= coalesce(:since, '') AND timestamp < coalesce(:until, 'a')
   AND (:node IS NULL OR node = :node)
 ORDER BY duration_ms DESC, timestamp DESC, run_id
 LIMIT coalesce(:limit, 20);
