#!/bin/bash
# Computers that watch one share, on this disk: how long a row takes from one database into another,
# how many syncs it causes in the fleet, and what a quiet minute costs. Linux.
#   scripts/measure-watch.sh [COMPUTERS] [EDITS] [QUIET_SECONDS]      2, 20 and 60 unless told
set -euo pipefail
cd "$(dirname "$0")/.."
computers=${1:-2} edits=${2:-20} quiet_s=${3:-60}
tool=$PWD/build/cli/tidesync
[ -x "$tool" ] || scripts/build.sh tidesync
dir=$(mktemp -d)
export TIDESYNC_CONFIG_HOME="$dir/config"
mkdir "$dir/share"
runs=()
trap 'kill "${runs[@]}" 2> /dev/null || true; wait; rm -rf "$dir"' EXIT

query() { sqlite3 -cmd '.timeout 5000' "$dir/$1.db" "$2"; }
now_ms() { echo $(($(date +%s%N) / 1000000)); }
syncs() { for ((i = 1; i <= computers; i++)); do query $i "SELECT count(*) FROM sync_log WHERE node = 'node$i'"; done |
  awk '{sum += $1} END {print sum}'; }
# Milliseconds of processor time of all schedulers and lookouts.
cpu_ms() {
  local pids
  pids=$(for run in "${runs[@]}"; do echo "$run"; pgrep -P "$run" || true; done)
  for pid in $pids; do awk '{print ($14 + $15) * 10}' "/proc/$pid/stat" 2> /dev/null || true; done |
    awk '{sum += $1} END {print sum}'
}

query 1 "PRAGMA journal_mode = WAL; CREATE TABLE item (id INTEGER PRIMARY KEY, n INTEGER);
INSERT INTO item VALUES (1, 0);" > "$dir/log"
"$tool" init --db "$dir/1.db" --share "$dir/share" --node node1 >> "$dir/log"
for ((i = 2; i <= computers; i++)); do
  "$tool" join --db "$dir/$i.db" --share "$dir/share" --node node$i >> "$dir/log"
done
for ((i = 1; i <= computers; i++)); do
  "$tool" run --watch --every 1h --quiet --db "$dir/$i.db" &
  runs+=($!)
done
sleep $((4 + computers / 3))
before=$(syncs)
for ((e = 1; e <= edits; e++)); do
  began=$(now_ms)
  query 1 "UPDATE item SET n = $e"
  until [ "$(query "$computers" 'SELECT n FROM item')" = "$e" ]; do sleep 0.02; done
  echo $(($(now_ms) - began))
  sleep 1
done | sort -n > "$dir/times"
sleep 5
echo "computers $computers, edits $edits: a row is in the other database after"
awk '{t[NR] = $1} END {printf "  %d ms (median), %d ms (longest)\n", t[int((NR + 1) / 2)], t[NR]}' "$dir/times"
echo "  syncs in the fleet for each edit: $((($(syncs) - before) / edits))"
first=$(cpu_ms)
quiet_syncs=$(syncs)
sleep "$quiet_s"
echo "quiet for $quiet_s s: $((($(cpu_ms) - first) / computers)) ms of processor time a computer, $(($(syncs) - quiet_syncs)) syncs"
