#!/bin/sh
# Brings every source file into the form of .clang-format; --check only tells which are not.
set -eu
cd "$(dirname "$0")/.."

case ${1-} in
  "") mode="-i" ;;
  --check) mode="--dry-run -Werror" ;;
  *)
    echo "usage: scripts/format.sh [--check]" >&2
    exit 2
    ;;
esac
folders=""
for folder in src cli tests bench; do
  [ ! -d "$folder" ] || folders="$folders $folder"
done
find $folders \( -name '*.cpp' -o -name '*.h' \) -print0 | xargs -0 clang-format $mode
