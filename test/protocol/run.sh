#!/usr/bin/env bash
# Searches every state of the protocol (reservations.pml), then finds each mutant. Fails when the protocol is wrong or a
# mutant is not found. docs/protocol.md explains both.
#   run.sh                 all of it: 96 s of processor time, two searches at a time
#   run.sh --search FLAGS  one search of your own, such as '-DREQUESTS=3 -DIDS=4'
#   run.sh --trace N       the shortest way to the mistake of mutant N
set -euo pipefail
cd "$(dirname "$0")"

for tool in spin cc; do
  command -v "$tool" >/dev/null || { echo "the protocol is not checked: $tool is missing (apt-get install spin gcc)" >&2; exit 1; }
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# build DIR MODEL-FLAGS COMPILER-FLAGS: makes the program that searches
build() {
  mkdir "$work/$1"
  cp reservations.pml "$work/$1"
  # shellcheck disable=SC2086
  (cd "$work/$1" && spin -a $2 reservations.pml >spin.log && cc -w $3 -DMEMLIM=16000 -o pan pan.c)
}

# search NAME MODEL-FLAGS COMPILER-FLAGS [ARGUMENTS]: every state, without an error
search() {
  build "$1" "$2" "-O2 $3"
  # shellcheck disable=SC2086
  (cd "$work/$1" && ./pan -m3000000 ${4:-} >pan.log 2>&1) || true
  if ! grep -q 'errors: 0$' "$work/$1/pan.log" || grep -qE 'max search depth|out of memory|aborting' "$work/$1/pan.log"; then
    echo "FAILED  $1: $2"
    grep -E '^pan:|error|depth' "$work/$1/pan.log" || true
    [ -f "$work/$1/reservations.pml.trail" ] && trace "$1" "$2"
    return 1
  fi
  awk -v name="$1" -v flags="${2//-D/}" '
    /depth reached/ { sub(",", "", $6); depth = $6 }
    /states, stored/ { states = $1 }
    /total actual memory/ { memory = $1 }
    /elapsed time/ { seconds = $4 }
    END { printf "ok      %-13s %9d states, depth %7d, %4d MB, %5.1f s   %s\n", name, states, depth, memory, seconds, flags }
  ' "$work/$1/pan.log"
}

# trace DIR MODEL-FLAGS: the events on the way to the error
trace() {
  # shellcheck disable=SC2086
  (cd "$work/$1" && spin -t $2 reservations.pml | grep -E 'process [0-9]: |text of failed' | sed 's/^ */        /')
}

# The mutants as the model names them, one a line: NUMBER NAME PROPERTY
mutants() { sed -nE 's|^#define (\w+) \(MUTANT == ([0-9]+)\) /\* (\w+) \*/$|\2 \1 \3|p' reservations.pml; }

# find_mutant NUMBER NAME PROPERTY: there is a state in which this mutant breaks this property
find_mutant() {
  local flags="-DMUTANT=$1 -DREQUESTS=2 -DTIMES=2" found
  build "mutant-$1" "$flags" '-O0 -DSAFETY -DBFS'
  (cd "$work/mutant-$1" && ./pan >pan.log 2>&1) || true
  found=$(sed -nE 's/^pan:.*assertion violated \(?(\w+).*/\1/p' "$work/mutant-$1/pan.log")
  if [ "$found" != "$3" ]; then
    echo "FAILED  mutant $1, $2: breaks ${found:-nothing}, not $3"
    return 1
  fi
  echo "found   mutant $1, $2: $3"
  if [ -n "${4:-}" ]; then trace "mutant-$1" "$flags"; fi
}

# find_livelock NUMBER: the search for commands that never end finds one that waits for ever
find_livelock() {
  build "livelock-$1" "-DMUTANT=$1 -DREQUESTS=2 -DLIVE" '-O0 -DNP'
  (cd "$work/livelock-$1" && ./pan -l -m1000000 >pan.log 2>&1) || true
  if ! grep -q '^pan:.*non-progress cycle' "$work/livelock-$1/pan.log"; then
    echo "FAILED  mutant $1: no command waits for ever"
    return 1
  fi
  echo "found   mutant $1: a command that never ends"
}

# all: runs its lines of input as commands of this script, two at a time
all() {
  local failed=0 line
  while read -r line; do
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n || failed=1; done
    eval "$line" &
  done
  while [ -n "$(jobs -p)" ]; do wait -n || failed=1; done
  return "$failed"
}

case "${1:-}" in
  '')
    {
      echo "search three-requests '-DREQUESTS=3' '-DSAFETY'"
      echo "search moves '-DREQUESTS=2 -DTIMES=2' '-DSAFETY'"
      echo "search three-procs '-DPROCESSES=3 -DREQUESTS=2 -DIDS=2' '-DSAFETY'"
      echo "search no-deadlock '-DREQUESTS=2 -DLIVE' '-DSAFETY'"
      echo "search no-livelock '-DREQUESTS=2 -DLIVE' '-DNP' -l"
      echo "find_livelock 14"
      mutants | sed 's/^/find_mutant /'
    } | all
    ;;
  --search)
    search own "${2:?which flags}" '-DSAFETY -DCOLLAPSE'
    ;;
  --trace)
    find_mutant $(mutants | grep -E "^${2:?which mutant} ") trace
    ;;
  *)
    sed -n '2,6p' "$0"
    exit 2
    ;;
esac
