#!/bin/sh
# Installs what is missing and builds into build/, optimised: everything, or the targets named.
set -eu
cd "$(dirname "$0")/.."

scripts/install-deps.sh
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_CXX_FLAGS_RELEASE="-O2 -DNDEBUG" -DTIDESYNC_TESTS=ON
[ $# -gt 0 ] || set -- all
exec cmake --build build --target "$@"
