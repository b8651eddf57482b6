-- A large fleet's log, to measure a report: 500 computers, :runs rows that end on 2026-11-21, one every 14
-- seconds. After schema/local/journal.sql; see scripts/measure-report.sh.
CREATE TABLE tidesync_state (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO tidesync_state VALUES ('format', 1), ('seq', 400000);
CREATE TABLE tidesync_chain (hash TEXT PRIMARY KEY, seq, prev, uuid, node, file_size);
WITH RECURSIVE
  runs(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM runs WHERE i < coalesce(:runs, 1000000) - 1),
  told AS (SELECT i, i % 500 AS n, abs(i * 2654435761 % 1000003) AS r FROM runs)
INSERT INTO sync_log
SELECT i + 1,
       strftime('%Y-%m-%dT%H:%M:%S.', 1795219200 - (coalesce(:runs, 1000000) - i) * 14, 'unixepoch')
         || printf('%03dZ', r % 1000),
       CASE r % 3 WHEN 0 THEN 'pull' WHEN 1 THEN 'push' ELSE 'bidirectional' END,
       CASE WHEN r % 50 = 0 THEN 'error' WHEN r % 70 = 0 THEN 'partial' ELSE 'success' END,
       r % 40, r % 17, r % 200 = 0,
       CASE WHEN r % 50 = 0 THEN 'open dataset /mnt/nas/quotes: there is no dataset in this folder, or the share is not connected'
              || CASE WHEN r % 100 = 0 THEN ' (' || (2 + r % 30) || ' runs since 2026-11-01T10:00:00.000Z)' ELSE '' END
            WHEN r % 70 = 0 THEN 'sync C:\data\quotes.db: the application holds the database locked for longer than 10.0 s' END,
       120 + r % 2500, printf('%032x', i * 1000003), printf('node-%03d', n), 'User ' || n, i / 3, i / 3 + 1
  FROM told;
