#!/bin/sh
# Makes docs/sample-report.html anew, from tests/data/report.sql: always the same bytes.
#
#     scripts/sample-report.sh            TIDESYNC=FILE uses that program instead of build/cli/tidesync
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
program=${TIDESYNC:-$root/build/cli/tidesync}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat "$root/schema/local/journal.sql" "$root/tests/data/report.sql" | sqlite3 -bail "$folder/master.db"
cd "$folder"
"$program" report --master master.db --utc --since 2026-10-23T00:00:00.000Z \
  --until 2026-11-21T10:00:00.000Z --html sample.html
# The page names the file that was read; the folder is another one each time.
sed "s|$folder/||g" sample.html >"$root/docs/sample-report.html"
