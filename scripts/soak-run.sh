#!/bin/sh
# The loop of `tidesync run` over many syncs, as fast as they go: neither its memory nor its open
# files may grow.   scripts/soak-run.sh [SYNCS]      10000 unless told
set -eu
cd "$(dirname "$0")/.."
[ -x build/tests/tidesync_run_soak ] || scripts/build.sh
tool=$PWD/build/cli/tidesync
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export TIDESYNC_CONFIG_HOME="$dir/config"
mkdir "$dir/share"
sqlite3 "$dir/a.db" "CREATE TABLE item (id INTEGER PRIMARY KEY, n INTEGER); INSERT INTO item VALUES (1, 0);"
"$tool" init --db "$dir/a.db" --share "$dir/share" > "$dir/init.log"
build/tests/tidesync_run_soak "$tool" "$dir/a.db" "${1:-10000}"
