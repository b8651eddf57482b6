-- Which conflicts wait for somebody to look at them?
--   id, table_name, row_key, kind, rule, created_at          rule: how it was decided; times in UTC
--   winner_node, winner_user, loser_node, loser_user         whose version stays, whose is kept here
--   base_row, winner_row, loser_row                          the versions as JSON; NULL: no such row
-- Newest first, open ones of any time.
-- Parameters: :until (UTC), :node (it won or lost). NULL, or not set: no limit.
--   :limit   how many; else all
SELECT id, table_name, row_key, kind, rule, created_at, winner_node, winner_user, loser_node,
       loser_user, base_row, winner_row, loser_row
  FROM sync_conflicts
 WHERE resolved_at IS NULL
   AND (:until IS NULL OR created_at < :until)
   AND (:node IS NULL OR :node IN (winner_node, loser_node))
 ORDER BY created_at DESC, id
 LIMIT coalesce(:limit, -1);
