#!/bin/sh
# Builds everything into build/ and runs the tests. Arguments go to ctest:
#
#     scripts/test.sh                 all tests
#     scripts/test.sh -R share        those whose name has "share" in it
set -eu
cd "$(dirname "$0")/.."

scripts/build.sh
exec ctest --test-dir build --output-on-failure --no-tests=error --parallel 2 "$@"
