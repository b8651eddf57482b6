-- In which tables do edits meet, and how?
--   table_name, kind   kind: same_column, edit_delete, unique ... (docs/conflicts.md)
--   open, resolved     conflicts; open ones of any time, resolved ones that were decided in the period
--   newest             when the last of them was decided (UTC)
-- Parameters: :since, :until (UTC), :node (it won or lost). NULL, or not set: no limit.
SELECT table_name, kind,
       count(*) FILTER (WHERE resolved_at IS NULL) AS open,
       count(*) FILTER (WHERE resolved_at IS NOT NULL) AS resolved,
       max(created_at) AS newest
  FROM sync_conflicts
 WHERE (resolved_at IS NULL OR :since IS NULL OR created_at >= :since)
   AND (:until IS NULL OR created_at < :until)
   AND (:node IS NULL OR :node IN (winner_node, loser_node))
 GROUP BY table_name, kind
 ORDER BY open DESC, resolved DESC, table_name, kind;
