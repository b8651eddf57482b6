#!/bin/bash
# Builds everything with the address and undefined-behaviour sanitizers into build/asan and runs all
# tests; then, with the thread sanitizer into build/tsan, those that use threads. Ends with a summary,
# and with 1 if a test failed or a sanitizer had something to say: also in a process whose exit code
# no test looked at. Some forty minutes on two free cores, so it is run by hand.
#
#     scripts/sanitize.sh                    all
#     scripts/sanitize.sh address            the first part only; further words go to ctest:
#     scripts/sanitize.sh address -R share
#     scripts/sanitize.sh threads            the second part only
#
#     TIDESYNC_SIM_SYNCS=10000 scripts/sanitize.sh      as many simulated syncs as in the ordinary
#                                                       tests; default 500
set -uo pipefail
cd "$(dirname "$0")/.." || exit 2

parts=all
case ${1-} in
  address | threads)
    parts=$1
    shift
    ;;
esac
export TIDESYNC_SIM_SYNCS=${TIDESYNC_SIM_SYNCS:-500}
found=$PWD/build/sanitizers
rm -rf "$found"
mkdir -p "$found"
# The program itself runs as a child of its tests: what is said there goes to files, too.
export ASAN_OPTIONS=exitcode=99:log_path=$found/address
export UBSAN_OPTIONS=print_stacktrace=1:log_path=$found/undefined
export TSAN_OPTIONS=exitcode=99:second_deadlock_stack=1:log_path=$found/threads
failed=()

part() {
  echo "== $*"
  "$@" || failed+=("$*")
}

# mutation_test looks for seeds that break deliberately wrong engines: nothing for a sanitizer.
address() {
  cmake --preset asan >/dev/null && cmake --build --preset asan || return 1
  ctest --preset asan -E '^mutation_test$' "$@"
}

# The programs in which more than one thread runs: file systems, rows read ahead, the probe's race
# for names, locks, interrupts and progress, the simulator's tasks.
threads() {
  local threaded="base_test replica_test share_test file_system_contract_test cli_unit_test guard_test sim_test"
  # shellcheck disable=SC2086
  cmake --preset tsan >/dev/null && cmake --build --preset tsan --target tidesync $threaded ||
    return 1
  local program
  for program in $threaded; do part "build/tsan/tests/$program" --gtest_brief=1; done
}

scripts/install-deps.sh
[ "$parts" = threads ] || part address "$@"
[ "$parts" = address ] || part threads

findings=("$found"/*)
[ -e "${findings[0]}" ] || findings=()
for file in "${findings[@]}"; do
  echo "== $file"
  head -40 "$file"
done
echo "== sanitizers: ${#findings[@]} findings, ${#failed[@]} failed parts"
for what in "${failed[@]}"; do echo "   failed: $what"; done
[ ${#findings[@]} -eq 0 ] && [ ${#failed[@]} -eq 0 ]
