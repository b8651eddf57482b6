-- State of base.db: the exact fold of the log up to (seq, hash). The synced tables stand beside these,
-- as the application declared them.
CREATE TABLE IF NOT EXISTS tidesync_state (
  k TEXT PRIMARY KEY,
  v
) WITHOUT ROWID;

-- Every batch ever folded, also of lineages that are gone.
CREATE TABLE IF NOT EXISTS tidesync_chain (
  hash TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  prev TEXT NOT NULL,
  uuid TEXT NOT NULL,
  node TEXT NOT NULL,
  file_size INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS tidesync_chain_seq ON tidesync_chain (seq);

-- The lineage that ends at (seq, hash), back to the first batch: the first eight bytes of each hash,
-- to tell whether a database that was away for long is of this lineage.
CREATE TABLE IF NOT EXISTS tidesync_lineage (
  seq INTEGER PRIMARY KEY,
  hash BLOB NOT NULL
);

-- The synced tables: number (the same on all nodes), name, key columns as a JSON array.
CREATE TABLE IF NOT EXISTS tidesync_table (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  key TEXT NOT NULL
);

-- Rows of tables that stand still here, as they were when the table began to, each kept before the first
-- batch that changed it since (replica/held_rows.h). An older form of this table is of no use.
DROP TABLE IF EXISTS tidesync_held;
CREATE TABLE IF NOT EXISTS tidesync_held_row (
  t INTEGER NOT NULL,
  k BLOB NOT NULL,
  form INTEGER NOT NULL,
  row BLOB,
  at INTEGER NOT NULL,
  node TEXT NOT NULL,
  user TEXT NOT NULL,
  -- As the row was just before the share's table took its present form: with columns that went.
  last_form INTEGER,
  last_row BLOB,
  PRIMARY KEY (t, k)
) WITHOUT ROWID;
-- The names of the columns that such rows have, as encoded values.
CREATE TABLE IF NOT EXISTS tidesync_held_form (
  form INTEGER PRIMARY KEY,
  columns BLOB NOT NULL UNIQUE
);

-- Rows that hold a value which their table stores otherwise (a number in a column of texts, say, from a
-- computer whose application is older): the whole row as the log has it (replica/exact_rows.h).
CREATE TABLE IF NOT EXISTS tidesync_exact (
  t INTEGER NOT NULL,
  k BLOB NOT NULL,
  row BLOB NOT NULL,
  PRIMARY KEY (t, k)
) WITHOUT ROWID;

-- Records that got another number here a short while ago (replica/late_children.h).
CREATE TABLE IF NOT EXISTS tidesync_moved (
  t INTEGER NOT NULL,
  k_from BLOB NOT NULL,
  at INTEGER NOT NULL,
  k_to BLOB NOT NULL,
  PRIMARY KEY (t, k_from, at)
) WITHOUT ROWID;

-- The application's other objects, so that a node that joins without a database gets a whole one:
-- tables that are not synced, indexes, views, triggers, and settings in the file header.
CREATE TABLE IF NOT EXISTS tidesync_object (
  position INTEGER PRIMARY KEY,
  type TEXT NOT NULL,
  name TEXT NOT NULL,
  sql TEXT NOT NULL
);
