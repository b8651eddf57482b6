#!/bin/sh
# Measures tidesync beside what people would use instead and prints the tables of
# docs/performance.md. Arguments go to the program; without any, all sizes and cases, an hour or so.
#
#     scripts/bench.sh --sizes M --edits 1000
#
# Builds into build/bench, optimised. Data lies below /dev/shm where there is one, so that a slow disk
# does not decide; BENCH_FOLDER names another place. It needs 4 GB for a million rows.
set -eu
cd "$(dirname "$0")/.."

cmake -S . -B build/bench -G Ninja -DCMAKE_BUILD_TYPE=Release -DTIDESYNC_TESTS=OFF \
  -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" >&2
cmake --build build/bench --target tidesync_bench >&2

place=/dev/shm
[ -d $place ] || place=${TMPDIR:-/tmp}
folder=${BENCH_FOLDER:-$(mktemp -d "$place/tidesync-bench.XXXXXX")}
trap 'rm -rf "$folder"' EXIT
build/bench/bench/tidesync_bench --folder "$folder" "$@"
