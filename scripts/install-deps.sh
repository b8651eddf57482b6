#!/bin/sh
# Installs what tidesync is built, tested and checked with. Debian 12; nothing is done, and no
# package list fetched, when all of it is there.
set -eu

packages="
  g++ cmake ninja-build pkg-config clang-format clang-tidy
  sqlite3 libsqlite3-dev
  libcli11-dev libboost-filesystem-dev libspdlog-dev libhowardhinnant-date-dev
  libsodium-dev libzstd-dev libtomlplusplus-dev nlohmann-json3-dev
  libgtest-dev libbenchmark-dev
  dpkg-dev man-db zsh fish
  python3 chromium
"

if ! command -v dpkg-query >/dev/null 2>&1 || ! command -v apt-get >/dev/null 2>&1; then
  echo "install-deps: this system has no apt-get. Install by other means what these packages of" >&2
  echo "Debian 12 hold:" $packages >&2
  exit 1
fi

missing=""
for package in $packages; do
  state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
  case $state in
    installed*) ;;
    *) missing="$missing $package" ;;
  esac
done
[ -n "$missing" ] || exit 0

echo "install-deps: installing$missing"
if [ "$(id -u)" -eq 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1; then
  as_root="sudo"
else
  echo "install-deps: this needs root, and there is no sudo. Run as root:" >&2
  echo "  apt-get update && apt-get install$missing" >&2
  exit 1
fi
$as_root apt-get update -qq
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing
