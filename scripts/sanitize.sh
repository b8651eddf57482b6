#!/bin/sh
# Builds everything with the address and undefined-behaviour sanitizers into build/asan and runs all
# tests; then, with the thread sanitizer into build/tsan, the tests that use threads. Some forty
# minutes on two cores, so it is run by hand. Arguments go to ctest of the first part:
#
#     scripts/sanitize.sh                all
#     scripts/sanitize.sh -R share       those whose name has "share" in it, and the second part
set -eu
cd "$(dirname "$0")/.."

scripts/install-deps.sh
export UBSAN_OPTIONS=print_stacktrace=1

cmake --preset asan
cmake --build --preset asan
ctest --preset asan "$@"

threaded="base_test share_test file_system_contract_test sim_test"
cmake --preset tsan
# shellcheck disable=SC2086
cmake --build --preset tsan --target $threaded
for program in $threaded; do
  "build/tsan/tests/$program" --gtest_brief=1
done
