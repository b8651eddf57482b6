-- A month of a small fleet as master.db has it, with fixed times: the data of docs/sample-report.html
-- and of tests. After schema/local/journal.sql:
--   cat schema/local/journal.sql tests/data/report.sql | sqlite3 master.db
-- Tables, names and conflicts are those of scripts/demo.sh.
CREATE TABLE tidesync_state (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
INSERT INTO tidesync_state VALUES ('format', 1), ('seq', 842);
CREATE TABLE tidesync_chain (
  hash TEXT PRIMARY KEY, seq INTEGER NOT NULL, prev TEXT NOT NULL, uuid TEXT NOT NULL,
  node TEXT NOT NULL, file_size INTEGER NOT NULL
) WITHOUT ROWID;
WITH RECURSIVE batches(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM batches WHERE seq < 842)
INSERT INTO tidesync_chain
SELECT printf('%064x', seq), seq, printf('%064x', seq - 1), printf('%032x', seq), 'alice',
       2100 + seq * 7919 % 9000 FROM batches;

-- Every two hours from 5 to 19 o'clock UTC: five computers in the office, one of them only on
-- weekdays, and a laptop. `r` is a number below 1000 that looks random.
WITH RECURSIVE
  nodes(n, node, user) AS (VALUES (1, 'alice', 'Alice'), (2, 'bob', 'Bob'), (3, 'carol', 'Carol'),
    (4, 'dave-laptop', 'Dave'), (5, 'erin', 'Erin')),
  slots(slot) AS (SELECT 0 UNION ALL SELECT slot + 1 FROM slots WHERE slot < 30 * 8 - 1),
  runs AS (
    SELECT node, user, n, slot, slot / 8 AS day, slot % 8 AS turn,
           (slot * 7919 + n * 104729 + slot * slot * 31) % 1000 AS r
      FROM slots, nodes
  ),
  kept AS (
    SELECT *, julianday('2026-10-23') + day + (5 + turn * 2) / 24.0 + (n * 97 + r % 60) / 86400.0 AS at
      FROM runs
     WHERE NOT (node = 'erin' AND (day % 7 IN (1, 2) OR day > 24))
       AND NOT (node = 'dave-laptop' AND (turn IN (0, 6, 7) OR day % 7 IN (1, 2)))
       AND NOT (node = 'bob' AND day BETWEEN 12 AND 13)
       AND NOT (day = 29 AND turn > 2)
  ),
  told AS (
    SELECT *, CASE
             WHEN node = 'dave-laptop' AND day > 27 THEN 'error'
             WHEN node = 'dave-laptop' AND r % 9 = 0 THEN 'error'
             WHEN r % 61 = 0 THEN 'error'
             WHEN r % 83 = 0 THEN 'partial'
             ELSE 'success'
           END AS status
      FROM kept
  )
INSERT INTO sync_log (timestamp, direction, status, records_pulled, records_pushed, conflicts,
                      error_message, duration_ms, run_id, node, user, seq_before, seq_after)
SELECT strftime('%Y-%m-%dT%H:%M:%fZ', at),
       CASE WHEN status = 'error' THEN 'bidirectional' WHEN r % 3 = 0 THEN 'pull'
            WHEN r % 3 = 1 THEN 'push' ELSE 'bidirectional' END,
       status,
       CASE status WHEN 'error' THEN 0 ELSE r % 37 + CASE WHEN day = 17 AND turn = 2 THEN 260 ELSE 0 END END,
       CASE status WHEN 'error' THEN 0 ELSE r % 23 + CASE WHEN day = 17 AND n = 1 AND turn = 1 THEN 900 ELSE 0 END END,
       CASE WHEN status <> 'error' AND r % 127 = 0 THEN 1 ELSE 0 END,
       CASE status
         WHEN 'error' THEN CASE
           WHEN node = 'dave-laptop' THEN 'open dataset N:\quotes: there is no dataset in this folder, or the share is not connected'
           WHEN r % 122 = 0 THEN 'write N:\quotes\log\00000512: There is not enough space on the disk.'
           ELSE 'open dataset /mnt/nas/quotes: the share does not answer (Host is down)' END
         WHEN 'partial' THEN 'sync C:\Quotes\quotes.db: the application holds the database locked for longer than 10.0 s'
       END,
       CASE status WHEN 'partial' THEN 10000 + r ELSE 260 + r % 700 + n * 40 + CASE WHEN r % 29 = 0 THEN 2400 ELSE 0 END END,
       printf('%08x%024x', slot * 40503 + n * 2654435, slot * 10 + n), node, user,
       slot * 842 / 240, slot * 842 / 240 + CASE WHEN r % 3 = 0 THEN 0 ELSE 1 END
  FROM told ORDER BY at;

-- Bob's share was away for two days: one row for all its runs.
INSERT INTO sync_log (timestamp, direction, status, records_pulled, records_pushed, conflicts,
                      error_message, duration_ms, run_id, node, user, seq_before, seq_after)
VALUES ('2026-11-04T05:03:14.000Z', 'bidirectional', 'error', 0, 0, 0,
        'open dataset /mnt/nas/quotes: there is no dataset in this folder, or the share is not connected (16 runs since 2026-11-04T05:03:14.000Z)',
        312, 'b0b00000000000000000000000000001', 'bob', 'Bob', 330, 330);

INSERT INTO sync_conflicts VALUES
('c4e72d92f6c0f0cb5e96df21b65ed862', 'quotes', '{"id":500}', 'same_column',
 '{"id":500,"number":"Q-2026-0049","customer_id":31,"title":"Roller conveyor, 12 m","valid_until":"2026-05-31","updated_at":"2026-11-01 08:00:00"}',
 '{"id":500,"number":"Q-2026-0049","customer_id":31,"title":"Roller conveyor, 12 m","valid_until":"2026-07-31","updated_at":"2026-11-20 14:12:00"}',
 '{"id":500,"number":"Q-2026-0049","customer_id":31,"title":"Roller conveyor, 12 m","valid_until":"2026-06-30","updated_at":"2026-11-20 13:52:00"}',
 'carol', 'alice', 'Carol', 'Alice', '2026-11-20T14:12:00.000Z', '2026-11-20T13:52:00.000Z',
 'same column changed: newest wins (valid_until)', '2026-11-20T15:03:40.953Z', NULL, NULL, NULL),
('ea91179eacea0c96be511981626df73d', 'quotes', '{"id":502}', 'unique', NULL,
 '{"id":502,"number":"Q-2026-0050~bob","customer_id":12,"title":"Belt conveyor, 6 m"}',
 '{"id":502,"number":"Q-2026-0050","customer_id":12,"title":"Belt conveyor, 6 m"}',
 'alice', 'bob', 'Alice', 'Bob', '2026-11-19T09:30:00.000Z', '2026-11-19T10:05:00.000Z',
 'another record has this number: this one is now ''Q-2026-0050~bob''', '2026-11-19T11:03:39.825Z',
 NULL, NULL, NULL),
('5d0cf1b7aa2e4c1f9be1c3d2e4f50617', 'customers', '{"id":7}', 'same_column',
 '{"id":7,"name":"Northern Mill & Sons","phone":"+44 113 496 0100","city":"Leeds","discount_percent":5}',
 '{"id":7,"name":"Northern Mill & Sons","phone":"+44 113 496 0999","city":"Leeds","discount_percent":12.5}',
 '{"id":7,"name":"Northern Mill & Sons","phone":"+44 113 496 0555","city":"Leeds","discount_percent":5}',
 'alice', 'dave-laptop', 'Alice', 'Dave', '2026-11-18T12:40:00.000Z', '2026-11-17T16:00:00.000Z',
 'same column changed: newest wins (phone)', '2026-11-18T13:05:12.100Z', NULL, NULL, NULL),
('90ab12cd34ef56ab78cd90ef12ab34cd', 'quotes', '{"id":477}', 'edit_delete',
 '{"id":477,"number":"Q-2026-0026","customer_id":4,"title":"Pallet lift","valid_until":"2026-04-30"}',
 '{"id":477,"number":"Q-2026-0026","customer_id":4,"title":"Pallet lift, 2 t","valid_until":"2026-12-31"}',
 NULL,
 'carol', 'bob', 'Carol', 'Bob', '2026-11-16T08:20:00.000Z', '2026-11-16T08:02:00.000Z',
 'edit and deletion: the newer wins', '2026-11-16T09:04:55.000Z', NULL, NULL, NULL),
('1b2c3d4e5f60718293a4b5c6d7e8f901', 'quote_lines', '{"id":2933}', 'same_column',
 '{"id":2933,"quote_id":501,"description":"Steel roller","quantity":12}',
 '{"id":2933,"quote_id":501,"description":"Steel roller","quantity":14}',
 '{"id":2933,"quote_id":501,"description":"Steel roller","quantity":16}',
 'alice', 'carol', 'Alice', 'Carol', '2026-11-10T10:00:00.000Z', '2026-11-10T09:45:00.000Z',
 'same column changed: newest wins (quantity)', '2026-11-10T11:03:00.000Z',
 '2026-11-10T13:20:00.000Z', 'Carol', 'loser'),
('2c3d4e5f60718293a4b5c6d7e8f9011b', 'quote_lines', '{"id":2941}', 'same_column', NULL,
 '{"id":2941,"quote_id":503,"description":"Gear motor","quantity":4}',
 '{"id":2941,"quote_id":503,"description":"Gear motor","quantity":5}',
 'bob', 'alice', 'Bob', 'Alice', '2026-11-06T10:00:00.000Z', '2026-11-06T09:45:00.000Z',
 'same column changed: newest wins (quantity)', '2026-11-06T11:03:00.000Z',
 '2026-11-06T15:00:00.000Z', 'Alice', 'winner');
