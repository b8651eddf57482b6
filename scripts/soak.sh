#!/bin/bash
# Runs the fleet simulator for long, on all cores, and ends with a summary; a nightly run makes
# millions of syncs.
#
#     scripts/soak.sh 8h            for eight hours
#     scripts/soak.sh 100000        that many seeds
#     SEED=500000 scripts/soak.sh 8h        from another first seed; default: the day, so that every
#                                           night sees new ones
#     FAULTS=crash,net scripts/soak.sh 1h   default: a third each of what destroys nothing, of what
#                                           destroys disks and entries, of everything
#
#     TIDESYNC_SIM=FILE scripts/soak.sh 20  with a program that is built already
#
# Ends with 1 if a seed failed. What failed, with the commands that repeat it, whole and made
# smaller, is in build/soak/failures.txt.
set -euo pipefail
cd "$(dirname "$0")/.."

amount=${1:-8h}
folder=build/soak
rm -rf "$folder"
mkdir -p "$folder"
program=${TIDESYNC_SIM:-build/tests/tidesync_sim}
if [ -z "${TIDESYNC_SIM-}" ]; then
  scripts/build.sh tidesync_sim >"$folder/build.txt" 2>&1 || {
    cat "$folder/build.txt" >&2
    exit 2
  }
fi

usual=crash,net,errors,stale,skew,storm,base,away,swap
copies=crash,net,errors,stale,skew,storm,restore,clone,tail,hole,damage,rollback
sets=("$usual" "$copies" all)
[ -z "${FAULTS-}" ] || sets=("$FAULTS")
seed=${SEED:-$(($(date +%s) / 86400 * 10000000))}
started=$(date +%s)
deadline=0 left=0
case $amount in
  *h) deadline=$((started + ${amount%h} * 3600)) ;;
  *) left=$amount ;;
esac
cores=$(nproc)
block=200

# One block of seeds after the other, as long as there is time or a seed left; each core its own.
work() {
  local core=$1 round=0 mine=0
  while :; do
    local size=$block
    if [ "$deadline" -gt 0 ]; then
      [ "$(date +%s)" -lt "$deadline" ] || break
      [ $((deadline - $(date +%s))) -gt 300 ] || size=20
    else
      local share=$(((left + cores - 1 - core) / cores))
      [ $mine -lt $share ] || break
      [ $((share - mine)) -ge $block ] || size=$((share - mine))
    fi
    local first=$((seed + (round * cores + core) * block))
    nice -n 19 "$program" --seed $first --count $size --faults "${sets[$((round % ${#sets[@]}))]}" \
      >>"$folder/core$core.txt" 2>&1 || true
    mine=$((mine + size))
    round=$((round + 1))
  done
}

for core in $(seq 0 $((cores - 1))); do work "$core" & done
wait

seconds=$(($(date +%s) - started))
cat "$folder"/core*.txt >"$folder/all.txt" 2>/dev/null || true
grep -A 3 -E '^FAILED|terminate' "$folder/all.txt" >"$folder/failures.txt" || true
# "200 seeds, 0 failed, ..." and "syncs 5537  crashes ..." of every block
seeds=$(awk '/ seeds, /{n += $1} END{print n + 0}' "$folder/all.txt")
failed=$(awk '/ seeds, /{n += $3} END{print n + 0}' "$folder/all.txt")
syncs=$(awk '$1 == "syncs"{n += $2} END{print n + 0}' "$folder/all.txt")
hourly=$((seeds * 3600 / (seconds > 0 ? seconds : 1)))
cat "$folder/failures.txt"
echo "$seeds seeds ($hourly an hour), $syncs syncs, $failed failed, $((seconds / 60)) minutes on $cores cores"
[ "$failed" -eq 0 ] && [ ! -s "$folder/failures.txt" ]
