#!/bin/bash
# Measures `tidesync report` on the log of 500 computers with 1,000,000 runs: time and size of the page.
#
#     scripts/measure-report.sh [RUNS]    TIDESYNC=FILE uses that program instead of build/cli/tidesync
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
program=${TIDESYNC:-$root/build/cli/tidesync}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

echo "Making a log of ${1:-1000000} runs ..."
cat "$root/schema/local/journal.sql" <(echo ".param set :runs ${1:-1000000}") \
  "$root/tests/data/report_load.sql" | sqlite3 -bail "$folder/master.db"
measure() {
  echo "$1:"
  shift
  time "$program" report --master "$folder/master.db" --utc --until 2026-11-21T00:00:00.000Z \
    --force --html "$folder/page.html" "$@" >"$folder/output"
  echo "page: $(($(wc -c <"$folder/page.html") / 1024)) KiB"
}
measure "The last 30 days"
measure "All of it" --since 2020-01-01
