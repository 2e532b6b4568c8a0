#!/usr/bin/env bash
# scripts/demo, shortened: both ways into Kafka end with counts that agree; Ctrl-C leaves nothing
# running.
set -euo pipefail
demo="$GROUNDHOG_SOURCE_DIR/scripts/demo"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# A demo's own processes, by its process group.
group_is_alive() { pgrep -g "$1" >/dev/null; }

run_demo() {
  "$demo" --duration 3h --speed 3600x "$@" >"$work/out" 2>"$work/err" </dev/null ||
    { cat "$work/out" "$work/err" >&2 && fail "scripts/demo $* ended with $?"; }
  grep -q '^All agree\.' "$work/out" || fail "scripts/demo $*: the counts do not agree"
  grep -Eq '^consumed by kcat +[0-9]{5,} +[0-9]{2,}$' "$work/out" || fail "nothing was consumed"
  grep -q ' ERROR ' "$work/out" || fail "no line was shown as it arrived"
}

run_demo
run_demo --kafka

set -m
"$demo" --speed 60x >"$work/out" 2>&1 </dev/null &
group=$!
set +m
for _ in $(seq 300); do
  grep -q 'embedded Kafka at' "$work/out" && break
  sleep 0.1
done
sleep 1
kill -INT -- "-$group"
status=0
wait "$group" || status=$?
[[ "$status" == 130 ]] || fail "an interrupted demo ended with $status"
for _ in $(seq 50); do
  group_is_alive "$group" || break
  sleep 0.1
done
! group_is_alive "$group" || fail "an interrupted demo left processes behind"
echo "all as expected"
