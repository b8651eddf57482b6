-- How large is what is kept? Of master.db, or of a computer's base.db, which holds the same.
--   file_bytes                          the file itself
--   log_batches, log_bytes              batches of the log so far, and their size when they were written
--   runs, oldest_run                    rows of sync_log, and the oldest one (UTC)
--   conflicts, open_conflicts           rows of sync_conflicts
-- No parameters.
SELECT (SELECT page_count * page_size FROM pragma_page_count, pragma_page_size) AS file_bytes,
       (SELECT count(*) FROM tidesync_chain) AS log_batches,
       (SELECT coalesce(sum(file_size), 0) FROM tidesync_chain) AS log_bytes,
       (SELECT count(*) FROM sync_log) AS runs,
       (SELECT min(timestamp) FROM sync_log) AS oldest_run,
       (SELECT count(*) FROM sync_conflicts) AS conflicts,
       (SELECT count(*) FROM sync_conflicts WHERE resolved_at IS NULL) AS open_conflicts;
