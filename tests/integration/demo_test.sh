#!/usr/bin/env bash
# scripts/demo, shortened: both ways into Kafka show the same lines and end with counts that agree;
# incidents are announced; a terminal's keys reach the replay; Ctrl-C leaves nothing running.
set -euo pipefail
demo="$GROUNDHOG_SOURCE_DIR/scripts/demo"
work="$(mktemp -d)"
trap 'tmux -S "$work/tmux" kill-server 2>/dev/null; rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# A demo's own processes, by its process group.
group_is_alive() { pgrep -g "$1" >/dev/null; }

run_demo() {
  local name="$1"
  shift
  "$demo" --duration 8h --speed 3600x "$@" >"$work/$name" 2>"$work/err" </dev/null ||
    { cat "$work/$name" "$work/err" >&2 && fail "scripts/demo $* ended with $?"; }
  grep -q '^All agree\.' "$work/$name" || fail "scripts/demo $*: the counts do not agree"
  grep -Eq '^consumed by kcat +[0-9]{6,} +[0-9]{3,}$' "$work/$name" || fail "nothing was consumed"
  [[ "$(grep -c ' ---> incident user-replicas-down/1 ' "$work/$name")" == 2 ]] ||
    fail "the incident was not announced at both ends"
}

# What it showed of the records and incidents.
lines_shown() { grep -E '^  [0-9]{2}:[0-9]{2}:[0-9]{2}' "$work/$1"; }

run_demo embedded
run_demo kafka --kafka
(($(lines_shown embedded | wc -l) > 8)) || fail "too few lines were shown"
diff <(lines_shown embedded) <(lines_shown kafka) >&2 || fail "two runs show other lines"

# Slowed by itself, 16 of the 480 minutes go at 300x.
jq -e '.speed_asked == 3600 and .speed_reached < 3000' \
  "$GROUNDHOG_SOURCE_DIR/build/demo/report.json" >/dev/null || fail "it did not slow down"

# At a terminal: a pause, going on, a jump to the incident, the end.
screen() { tmux -S "$work/tmux" capture-pane -p; }
press() { tmux -S "$work/tmux" send-keys "$1"; }
await() {
  for _ in $(seq 600); do
    if screen | grep -q -- "$1"; then return 0; fi
    sleep 0.1
  done
  screen >&2
  fail "'$1' was not shown"
}
tmux -S "$work/tmux" -f /dev/null new-session -d -x 80 -y 24 \
  "'$demo' --duration 8h --speed 60x; echo code=\$?; sleep 60"
await ' 0 failed '
press Space
await 'paused'
press Space
press n
await ' user-replicas-down/1'
press q
await '^You jumped or quit'
await '^All agree'
await '^code=0'

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
