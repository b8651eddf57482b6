-- Between whom do edits meet?
--   node_a, node_b   the two computers, in the order of their names
--   open, resolved   conflicts; open ones of any time, resolved ones that were decided in the period
--   won_by_a         how many of both kinds the first one won
-- Parameters: :since, :until (UTC), :node (it won or lost). NULL, or not set: no limit.
SELECT coalesce(min(winner_node, loser_node), winner_node, loser_node, '') AS node_a,
       coalesce(max(winner_node, loser_node), winner_node, loser_node, '') AS node_b,
       count(*) FILTER (WHERE resolved_at IS NULL) AS open,
       count(*) FILTER (WHERE resolved_at IS NOT NULL) AS resolved,
       count(*) FILTER (WHERE winner_node <= loser_node) AS won_by_a
  FROM sync_conflicts
 WHERE (resolved_at IS NULL OR :since IS NULL OR created_at >= :since)
   AND (:until IS NULL OR created_at < :until)
   AND (:node IS NULL OR :node IN (winner_node, loser_node))
 GROUP BY node_a, node_b
 ORDER BY open DESC, resolved DESC, node_a, node_b;
