-- What tidesync keeps in the application's database. Names begin with tidesync_, but for the two
-- tables that applications may read. No AUTOINCREMENT in ours: applications wipe sqlite_sequence.
CREATE TABLE IF NOT EXISTS tidesync_meta (
  k TEXT PRIMARY KEY,
  v
) WITHOUT ROWID;

-- Hints, appended by the triggers: row (k1..k4) of table t may differ from the base copy.
-- o: 1 inserted, 2 updated, 3 deleted, 4 seen to be equal.  at: UTC milliseconds.  No UNIQUE: see schema/tracker.
CREATE TABLE IF NOT EXISTS tidesync_dirty (
  n INTEGER PRIMARY KEY,
  t INTEGER,
  o INTEGER,
  k1, k2, k3, k4,
  at INTEGER
);

-- Batches this database tried to publish, or left with a fork: it has all of what comes back under one of these.
CREATE TABLE IF NOT EXISTS tidesync_intent (
  u TEXT PRIMARY KEY,
  seq INTEGER,
  at INTEGER
) WITHOUT ROWID;
