#!/bin/sh
# Disturbs the real program at every single call that changes a file, in every scenario
# (tests/crash); the ordinary tests try a part. Some two hours on two cores. Arguments go to
# GoogleTest:
#
#     scripts/crash-matrix.sh                                   everything
#     scripts/crash-matrix.sh --gtest_filter='*Killed*/merge'   one scenario
set -eu
cd "$(dirname "$0")/.."

scripts/build.sh crash_matrix_test
TIDESYNC_CRASH_ALL=1 exec build/tests/crash_matrix_test --gtest_brief=1 "$@"
