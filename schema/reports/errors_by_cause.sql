-- Why did runs fail, or succeed only in part?
--   cause, hint      the cause in words, and what to do; of a cause that is not listed below: its
--                    message, and NULL
--   status           error or partial
--   runs, nodes      how many runs of how many computers
--   first, last      when the first and the last row of it began (UTC)
--   example          the newest message, whole
-- Parameters: :since, :until (UTC), :node. NULL, or not set: no limit.
-- A row that stands for several runs that failed alike ("... (12 runs since ...)") counts as so many.
WITH causes(place, pattern, cause, hint) AS (VALUES
  (1, '*share is not connected*', 'The share was away',
   'Nothing is lost: edits wait and go out when it is back. If it lasts, look at the mount or the network drive there: tidesync doctor.'),
  (2, '*the share does not answer*', 'The share was away',
   'Nothing is lost: edits wait and go out when it is back. If it lasts, look at the mount or the network drive there: tidesync doctor.'),
  (3, '*what it holds changes while it is looked at*', 'The share changed while it was read',
   'The next run tries again. If it lasts, look at what else writes into the folder on the share.'),
  (4, '*the application holds the database locked*', 'The application kept its database locked',
   'Nothing is lost: the next run tries again. If it lasts, close what is open there in the application.'),
  (5, '*newer version of tidesync*', 'tidesync is too old there',
   'Update tidesync on these computers.'),
  (6, '*rows were deleted here*', 'Many rows were deleted at once',
   'Look at them there: tidesync diff. If it is meant: tidesync now --allow-mass-delete.'),
  (7, '*the dataset there is*', 'Another share was connected',
   'Connect the right share at this path, or name it in the configuration there.'),
  (8, '*which this computer has taken in, is missing there*', 'A batch is missing on the share',
   'Let all computers sync: one that has it puts it back. If none does: tidesync now --accept-hole.'),
  (9, '*No space left*', 'The disk or the share is full',
   'Make room. Nothing is lost, the next run goes on.'),
  (10, '*not enough space*', 'The disk or the share is full',
   'Make room. Nothing is lost, the next run goes on.'),
  (11, '*isk quota exceeded*', 'The disk or the share is full',
   'Make room. Nothing is lost, the next run goes on.'),
  (12, '*ermission denied*', 'No permission',
   'Give that account the right to read and write there: tidesync doctor names what is missing.'),
  (13, '*ccess is denied*', 'No permission',
   'Give that account the right to read and write there: tidesync doctor names what is missing.'),
  (14, '*stopped by a signal*', 'Somebody stopped it',
   'The next run goes on where it stopped.'),
  (15, '*another run of this database*', 'Another run was at work',
   'Nothing to do, unless it lasts: then look at tidesync schedule show.'),
  (16, '*does not hold the bytes that were written*', 'The share gave back other bytes',
   'Check the share and the network. tidesync verify shows whether anything is damaged.'),
  (17, '*its rows are not those that the log gives*', 'The base copy was damaged there',
   'Move base.db away on that computer and run tidesync now: it is made anew from the share.')
),
runs AS (
  SELECT timestamp, node, status, coalesce(error_message, '(no message)') AS message,
         error_message GLOB '*([0-9]* runs since ????-??-??T??:??:??.???Z)' AS is_streak
    FROM sync_log
   WHERE status <> 'success'
     AND timestamp >= coalesce(:since, '') AND timestamp < coalesce(:until, 'a')
     AND (:node IS NULL OR node = :node)
),
told AS (
  SELECT timestamp, node, status, message,
         CASE WHEN is_streak THEN rtrim(substr(message, 1, length(message) - 37), '0123456789,')
              ELSE message END AS bare,
         is_streak
    FROM runs
),
counted AS (
  SELECT timestamp, node, status, message,
         CASE WHEN is_streak THEN substr(bare, 1, length(bare) - 2) ELSE bare END AS bare,
         CASE WHEN is_streak
              THEN CAST(replace(substr(message, length(bare) + 1), ',', '') AS INTEGER)
              ELSE 1 END AS times
    FROM told
),
messages AS (
  SELECT status, bare, node, sum(times) AS runs, min(timestamp) AS first, max(timestamp) AS last,
         substr(max(timestamp || message), 25) AS example
    FROM counted
   GROUP BY status, bare, node
),
known AS (
  SELECT m.*, (SELECT min(place) FROM causes WHERE m.bare GLOB pattern) AS place
    FROM messages m
)
SELECT coalesce(c.cause, k.bare) AS cause, c.hint AS hint, k.status AS status,
       sum(k.runs) AS runs, count(DISTINCT k.node) AS nodes, min(k.first) AS first,
       max(k.last) AS last, substr(max(k.last || k.example), 25) AS example
  FROM known k LEFT JOIN causes c USING (place)
 GROUP BY coalesce(c.cause, k.bare), k.status
 ORDER BY runs DESC, cause, status;
