#!/bin/bash
# Shows tidesync at work: three computers, one folder as the share, edits that meet.
#
#     scripts/demo.sh            in build/demo, made anew
#     scripts/demo.sh FOLDER     in a folder that does not exist yet, or holds an earlier demo
#
# Ends with 0 only if all databases are equal at the end. TIDESYNC=FILE uses that program instead of
# building one.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$(dirname "${1:-$root/build/demo}")"
folder=$(cd "$(dirname "${1:-$root/build/demo}")" && pwd)/$(basename "${1:-demo}")
marker=.tidesync-demo
share=$folder/nas
export TIDESYNC_CONFIG_HOME=$folder/user  # the list of databases of the demo, not yours
unset TIDESYNC_DB

bold="" plain=""
if [ -t 1 ]; then bold=$'\e[1m' plain=$'\e[0m'; fi

title() { printf '\n%s== %s%s\n' "$bold" "$1" "$plain"; }
say() { printf '%s\n' "$@"; }
fail() {
  printf 'demo: %s\n' "$@" >&2
  exit 1
}
database() { echo "$folder/$1.db"; }

# Runs tidesync as a person would; new conflicts (3) are a fine outcome.
tidesync() {
  local status=0
  printf '%s$ tidesync %s%s\n' "$bold" "${*//"$folder/"/}" "$plain"
  (cd "$folder" && "$program" "${@//"$folder/"/}") >"$folder/output" 2>&1 || status=$?
  sed "s|$folder/||g; s/^\(.\)/  \1/" "$folder/output"
  if [ "$status" -ne 0 ] && [ "$status" -ne 3 ]; then fail "tidesync ended with $status"; fi
}

# The first lines of what tidesync says, without the list of tables.
tidesync_short() { tidesync "$@" | awk '/^    table /{ended = 1} NF && !ended'; }

# Runs the SQL of stdin in a computer's database, as the application would, and shows it.
edit() {
  local sql
  sql=$(cat)
  printf '\n%s%s:%s\n%s\n' "$bold" "$2" "$plain" "$(sed 's/^/    /' <<<"$sql")"
  sqlite3 -bail -cmd 'PRAGMA foreign_keys = ON' "$(database "$1")" "$sql"
}

show() { sqlite3 -readonly -box -nullvalue '' "$1" "$2"; }

# Every row of every synced table and of sync_conflicts, one a line; their order is no difference.
rows() {
  sqlite3 -readonly "$1" "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE
      'sqlite!_%' ESCAPE '!' AND name NOT LIKE 'tidesync!_%' ESCAPE '!' AND name <> 'sync_log'
      ORDER BY name" |
    while read -r table; do
      sqlite3 -readonly "$1" ".dump --data-only $table" | sed -n '/^INSERT INTO/p' | LC_ALL=C sort
    done
}

prepare() {
  if [ -e "$folder" ] && [ ! -e "$folder/$marker" ]; then
    fail "$folder exists and is no demo of tidesync; it is left as it is. Name another folder."
  fi
  if [ -z "${TIDESYNC-}" ]; then
    say "Building tidesync ..."
    local log
    log=$(mktemp)
    "$root/scripts/build.sh" tidesync >"$log" 2>&1 || {
      cat "$log" >&2
      fail "tidesync could not be built"
    }
    rm -f "$log"
  fi
  program=${TIDESYNC:-$root/build/cli/tidesync}
  [ -x "$program" ] || fail "there is no program $program"
  program=$(cd "$(dirname "$program")" && pwd)/$(basename "$program")
  rm -rf "$folder"
  mkdir -p "$share"
  touch "$folder/$marker"
}

set_up() {
  title "1. Three computers, one folder"
  say "A quoting database of 11 tables. nas/ stands for the folder on the NAS."
  cp "$root/tests/data/quoting.db" "$(database alice)"
  cp "$root/tests/data/quoting.db" "$(database carol)"
  say "" "Alice has the database and creates the dataset:"
  tidesync init --db "$(database alice)" --share "$share" --user Alice --node alice |
    awk '!ended; /^  Synced in/{ended = 1}'
  say "" "Bob has nothing yet; his database is made from the share:"
  tidesync_short join --db "$(database bob)" --share "$share" --user Bob --node bob
  say "" "Carol has a copy of Alice's database; it is adopted:"
  tidesync_short join --db "$(database carol)" --share "$share" --user Carol --node carol
}

edits() {
  title "2. All three work, none of them connected"
  say "All give a new quote the next id, 501, and lines the ids 2933 and 2934."
  edit alice Alice <<'SQL'
INSERT INTO quotes (number, customer_id, title, updated_by)
VALUES ('Q-2026-0050', 7, 'Spare rollers', 'Alice');                -- becomes id 501
INSERT INTO quote_lines (quote_id, position, description, quantity, unit_price)
VALUES (501, 1, 'Steel roller', 12, 18.50), (501, 2, 'Express delivery', 1, 90);
UPDATE customers SET phone = '+44 113 496 0999', updated_at = datetime('now', '-40 minutes')
 WHERE id = 7;
UPDATE quotes SET valid_until = '2026-06-30', updated_at = datetime('now', '-30 minutes')
 WHERE id = 500;
SQL
  edit bob Bob <<'SQL'
INSERT INTO quotes (number, customer_id, title, updated_by)
VALUES ('Q-2026-0050', 12, 'Belt conveyor, 6 m', 'Bob');            -- 501, and Alice's number
INSERT INTO quote_lines (quote_id, position, description, quantity, unit_price)
VALUES (501, 1, 'Belt conveyor', 1, 7400), (501, 2, 'Commissioning', 2, 640);
UPDATE customers SET discount_percent = 12.5, updated_at = datetime('now', '-20 minutes')
 WHERE id = 7;                                                      -- Alice changed the phone
DELETE FROM manual_quotes WHERE id = 40;
SQL
  edit carol Carol <<'SQL'
INSERT INTO quotes (number, customer_id, title, updated_by)
VALUES ('Q-2026-0051', 33, 'Gear motors', 'Carol');                 -- 501 as well
INSERT INTO quote_lines (quote_id, position, description, quantity, unit_price)
VALUES (501, 1, 'Gear motor', 4, 420), (501, 2, 'Jaw coupling', 4, 35);
UPDATE quotes SET valid_until = '2026-07-31', updated_at = datetime('now', '-10 minutes')
 WHERE id = 500;                                                    -- Alice says 2026-06-30
UPDATE components SET stock = 180, updated_at = datetime('now') WHERE id = 2;
SQL
}

sync_all() {
  title "3. What Bob would send, here of one table"
  tidesync diff customers --db "$(database bob)"
  title "4. Everybody syncs"
  for node in alice bob carol; do
    tidesync now --db "$(database $node)"
  done
  title "5. Alice and Bob sync again, for what came after them"
  for node in alice bob; do
    tidesync now --db "$(database $node)"
  done
}

results() {
  title "6. What has become of it, in Bob's database"
  say "Customer 7 has Alice's phone and Bob's discount:"
  show "$(database bob)" "SELECT id, name, phone, discount_percent FROM customers WHERE id = 7"
  say "The three new quotes, each with its own lines:"
  show "$(database bob)" "SELECT q.id, q.number, q.title, q.total, l.id AS line, l.description
    FROM quotes q JOIN quote_lines l ON l.quote_id = q.id WHERE q.id > 500 ORDER BY q.id, l.id"
  say "Manual quote 40, deleted by Bob, is gone at Alice's too; Carol's stock has arrived:"
  show "$(database alice)" "SELECT (SELECT count(*) FROM manual_quotes WHERE id = 40) AS
      'manual quotes 40', name AS component, stock FROM components WHERE id = 2"

  title "7. Where two edits could not both stay: sync_conflicts, the same on every computer"
  conflicts "$(database bob)"

  title "8. Every run of every computer: sync_log"
  runs
}

# What stays and what gave way, column by column. Nothing is lost: both rows are kept whole.
conflicts() {
  sqlite3 -readonly "$1" "
    SELECT printf('  %s %s: %s\n', c.table_name, c.row_key, c.rule) || group_concat(printf(
        '      %-12s %-17s stays   (%s)\n      %-12s %-17s is kept in sync_conflicts   (%s)',
        w.key, w.value, c.winner_user, '', l.value, c.loser_user), char(10))
      FROM sync_conflicts c, json_each(c.winner_row) w, json_each(c.loser_row) l
     WHERE l.key = w.key AND l.value IS NOT w.value AND w.key <> 'updated_at'
     GROUP BY c.id ORDER BY c.created_at" | sed 's/\\n/\n/g'
}

# Each computer knows its own runs at once, and those of the others as they reach it.
runs() {
  sqlite3 -readonly -box "$(database alice)" "
    ATTACH 'file:$(database bob)?mode=ro' AS bob;
    ATTACH 'file:$(database carol)?mode=ro' AS carol;
    SELECT timestamp AS time, node, direction, status, records_pulled AS 'in',
           records_pushed AS out, conflicts, duration_ms AS ms
      FROM (SELECT * FROM main.sync_log UNION ALL SELECT * FROM bob.sync_log
            UNION ALL SELECT * FROM carol.sync_log)
     GROUP BY run_id ORDER BY time"
}

# Says what is equal, and returns 1 if anything is not.
check() {
  title "9. Are they equal, with all conflicts? References and files intact?"
  local good=0 name file all count first="" found
  for name in alice bob carol nas/master; do
    file=$(database "$name")
    all=$(rows "$file") || return 1
    count=$(wc -l <<<"$all")
    first=${first:-$all}
    found="$count rows, sum $(cksum <<<"$all" | cut -d' ' -f1)"
    [ "$count" -gt 6900 ] || { found+=", ROWS ARE MISSING"; good=1; }
    [ "$all" = "$first" ] || { found+=", NOT EQUAL to alice.db"; good=1; }
    [ -z "$(sqlite3 -readonly "$file" 'PRAGMA foreign_key_check')" ] ||
      { found+=", REFERENCES BROKEN"; good=1; }
    [ "$(sqlite3 -readonly "$file" 'PRAGMA integrity_check')" = ok ] ||
      { found+=", DAMAGED"; good=1; }
    printf '  %-14s %s\n' "$name.db" "$found"
  done
  return $good
}

prepare
set_up
edits
sync_all
results
check || fail "the databases differ; see $folder"

title "Try it yourself"
say "  cd ${folder/#"$PWD/"/}" \
  "  PATH=\$PATH:$(dirname "$program")" \
  "  tidesync status --db bob.db" \
  "  sqlite3 bob.db \"UPDATE customers SET city = 'Oslo' WHERE id = 3\"" \
  "  tidesync diff --db bob.db" \
  "  tidesync now --db bob.db && tidesync now --db carol.db" \
  "  tidesync history --db carol.db --all" \
  "  sqlite3 -readonly nas/master.db 'SELECT number, title, total FROM quotes WHERE id > 495'"
