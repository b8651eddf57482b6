-- Read by applications and reports: the first nine columns of sync_log keep their names.
CREATE TABLE IF NOT EXISTS sync_log (
  id INTEGER PRIMARY KEY,
  timestamp TEXT NOT NULL,
  direction TEXT NOT NULL,
  status TEXT NOT NULL,
  records_pulled INTEGER NOT NULL,
  records_pushed INTEGER NOT NULL,
  conflicts INTEGER NOT NULL,
  error_message TEXT,
  duration_ms INTEGER NOT NULL,
  run_id TEXT NOT NULL UNIQUE,
  node TEXT NOT NULL,
  user TEXT,
  seq_before INTEGER,
  seq_after INTEGER
);
CREATE INDEX IF NOT EXISTS sync_log_by_time ON sync_log (timestamp);

CREATE TABLE IF NOT EXISTS sync_conflicts (
  id TEXT PRIMARY KEY NOT NULL,
  table_name TEXT NOT NULL,
  row_key TEXT NOT NULL,
  kind TEXT NOT NULL,
  base_row TEXT,
  winner_row TEXT,
  loser_row TEXT,
  winner_node TEXT,
  loser_node TEXT,
  winner_user TEXT,
  loser_user TEXT,
  winner_updated_at TEXT,
  loser_updated_at TEXT,
  rule TEXT NOT NULL,
  created_at TEXT NOT NULL,
  resolved_at TEXT,
  resolved_by TEXT,
  resolution TEXT
) WITHOUT ROWID;
