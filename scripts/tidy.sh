#!/bin/bash
# Runs clang-tidy (.clang-tidy) over the sources that build/ is configured for, those of the last
# commit first, and fails if it finds anything in any of them.
#
#     scripts/tidy.sh                        all
#     scripts/tidy.sh src/base/text.cpp      these
#
# TIDY_LIMIT_S=300 starts no further file after 300 seconds and says how many are left. A file takes
# some four seconds.
set -euo pipefail
cd "$(dirname "$0")/.."

[ -f build/compile_commands.json ] || {
  echo "tidy: build/ is not configured; run scripts/build.sh first" >&2
  exit 2
}

candidates() {
  if [ $# -gt 0 ]; then
    printf '%s\n' "$@"
  else
    git diff --name-only --diff-filter=d HEAD~1 2>/dev/null || true
    find . -path ./build -prune -o -name '*.cpp' -print | sed 's|^\./||' | sort
  fi
}

# Only what this system compiles.
list=$(candidates "$@" | awk '/\.cpp$/ && !seen[$0]++' | while read -r file; do
  if grep -q "/$file\"" build/compile_commands.json; then echo "$file"; fi
done)

[ -n "$list" ] || {
  echo "tidy: no source to look at" >&2
  exit 2
}

deadline=$(($(date +%s) + ${TIDY_LIMIT_S:-86400}))
left=$(mktemp)
trap 'rm -f "$left"' EXIT
export deadline left

one() {
  if [ "$(date +%s)" -ge "$deadline" ]; then
    echo "$1" >>"$left"
    return 0
  fi
  local found
  found=$(clang-tidy -p build --quiet "$1" 2>&1) && return 0
  grep -v 'warnings\? generated\.$' <<<"$found"
  return 1
}
export -f one

failed=0
xargs -P "$(nproc)" -I{} bash -c 'one "$1"' one {} <<<"$list" || failed=1
echo "tidy: $(wc -l <<<"$list") files, $(wc -l <"$left") of them not looked at for lack of time"
exit $failed
