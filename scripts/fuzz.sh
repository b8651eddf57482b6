#!/bin/bash
# Feeds every parser of what a share holds with made-up bytes (tests/fuzz), each for so many seconds
# (default 60), two at a time. Fails on a crash, a wrong kind of error, or too much memory or time
# for one input, and says how to repeat it. Needs clang; without it nothing is done.
#
#     scripts/fuzz.sh            a minute each
#     scripts/fuzz.sh 600 batch schema    ten minutes each, of these targets
set -euo pipefail
cd "$(dirname "$0")/.." || exit 1

if ! command -v clang++ >/dev/null 2>&1; then
  echo "fuzz: skipped, there is no clang++ here (Debian: apt-get install clang)"
  exit 0
fi
seconds=${1:-60}
[ $# -eq 0 ] || shift
targets=("$@")
[ ${#targets[@]} -gt 0 ] || mapfile -t targets < <(ls tests/fuzz/corpus)

scripts/install-deps.sh
cmake --preset fuzz >build/fuzz-configure.log 2>&1 || {
  cat build/fuzz-configure.log
  exit 1
}
cmake --build --preset fuzz >build/fuzz-build.log 2>&1 || {
  tail -40 build/fuzz-build.log
  exit 1
}
export ASAN_OPTIONS=quarantine_size_mb=16 UBSAN_OPTIONS=print_stacktrace=1
mkdir -p build/fuzz/found

fuzz_one() {
  local target=$1 log="build/fuzz/$1.log" corpus="build/fuzz/corpus/$1"
  mkdir -p "$corpus" # what the fuzzer learns stays in the build folder
  if "build/fuzz/tests/fuzz_$target" -max_total_time="$seconds" -rss_limit_mb=256 -timeout=10 \
    -max_len=65536 -artifact_prefix="build/fuzz/found/$target-" \
    "$corpus" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
    echo "fuzz: $target: $(grep -o 'Done [0-9]* runs' "$log" || echo done)"
    return 0
  fi
  grep -v '^#' "$log" | tail -60
  echo "fuzz: $target FAILED. Once more: build/fuzz/tests/fuzz_$target build/fuzz/found/$target-..."
  echo "fuzz: when it is repaired, the file belongs into tests/fuzz/corpus/$target"
  return 1
}
export -f fuzz_one
export seconds
printf '%s\n' "${targets[@]}" | xargs -P 2 -I {} bash -c 'fuzz_one {}'
