#!/bin/bash
# Builds the Debian package from what is built, looks into it, installs it into an empty system's
# folder, works with the program there, removes it, and finds nothing left.
#
#     package_test.sh BUILD_FOLDER        ends with 77 (skipped) where dpkg or root is missing
set -euo pipefail

build=$1
for tool in cpack dpkg dpkg-deb dpkg-shlibdeps; do
  command -v $tool >/dev/null || { echo "package: there is no $tool"; exit 77; }
done
[ "$(id -u)" -eq 0 ] || { echo "package: dpkg installs for root only"; exit 77; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
export TIDESYNC_CONFIG_HOME=$work/user
unset TIDESYNC_DB

fail() {
  printf 'package: %s\n' "$@" >&2
  exit 1
}
in_root() { dpkg --root="$root" --log=/dev/null --force-depends --force-bad-path "$@"; }

cpack -G DEB --config "$build/CPackConfig.cmake" -B "$work" >"$work/log" 2>&1 ||
  fail "cpack failed:" "$(cat "$work/log")"
package=$(echo "$work"/tidesync_*.deb)
[ -f "$package" ] || fail "there is no package in $work"

field() { dpkg-deb --field "$package" "$1"; }
[ "$(field Package)" = tidesync ] || fail "Package is $(field Package)"
[ "$(field Section)" = database ] || fail "Section is $(field Section)"
[ "$(field Maintainer)" = "tidesync developers <tidesync@localhost>" ] || fail "Maintainer"
grep -q "merges SQLite databases" <<<"$(field Description)" || fail "Description is $(field Description)"
grep -q "libc6 (>=" <<<"$(field Depends)" || fail "Depends is $(field Depends)"
grep -q "^tidesync $(field Version) " <<<"$("$build/cli/tidesync" --version)" || fail "Version"

dpkg-deb --contents "$package" >"$work/contents"
for file in bin/tidesync share/man/man1/tidesync.1 share/man/man1/tidesync-now.1 \
  share/bash-completion/completions/tidesync share/zsh/vendor-completions/_tidesync \
  share/fish/vendor_completions.d/tidesync.fish share/tidesync/tidesync.ps1 \
  share/doc/tidesync/README.md share/doc/tidesync/operations.md \
  share/doc/tidesync/examples/systemd/tidesync.timer; do
  grep -q " \./usr/$file\$" "$work/contents" || fail "not in the package: /usr/$file"
done
! grep -v " root/root " "$work/contents" || fail "files that are not root's"
! grep -q "$build" <(dpkg-deb --fsys-tarfile "$package" | tar -xO ./usr/share) ||
  fail "the package speaks of the folder it was built in"
dpkg-deb --ctrl-tarfile "$package" | tar -t | grep -E "(pre|post)(inst|rm)" &&
  fail "the package has scripts"

mkdir -p "$root"/var/lib/dpkg/{info,updates,triggers}
touch "$root"/var/lib/dpkg/{status,available}
in_root --install "$package" >"$work/log" 2>&1 || fail "not installed:" "$(cat "$work/log")"
tidesync=$root/usr/bin/tidesync
grep -q "^tidesync " <<<"$("$tidesync" --version)" || fail "the installed program does not run"
mkdir "$work/share"
sqlite3 "$work/quotes.db" "CREATE TABLE t(id INTEGER PRIMARY KEY, x TEXT); INSERT INTO t VALUES (1, 'a')"
"$tidesync" init --db "$work/quotes.db" --share "$work/share" --node a --quiet || fail "init failed"
"$tidesync" now --quiet || fail "now failed"
[ "$(sqlite3 "$work/share/master.db" "SELECT x FROM t")" = a ] || fail "nothing was synced"

in_root --purge tidesync >"$work/log" 2>&1 || fail "not removed:" "$(cat "$work/log")"
left=$(find "$root" -path "$root/var/lib/dpkg" -prune -o -type f -print)
[ -z "$left" ] || fail "left behind:" "$left"
[ ! -e "$root/usr" ] || fail "folders left behind:" "$(find "$root/usr")"
echo "package: built, installed, used and removed"
