#!/usr/bin/env bash
# scripts/servers: two PostgreSQL side by side, idempotent start, an asked-for port, rows that stay
# with --keep and go without it, exit codes of status, stop by process id even when the server does
# not listen to signals, Ctrl-C while starting.
set -euo pipefail
servers="$GROUNDHOG_SOURCE_DIR/scripts/servers"
work="$(mktemp -d)"
chmod 755 "$work"

clean_up() {
  local dir
  for dir in "$work"/*/; do "$servers" stop --dir "$dir" || true; done
  rm -rf "$work"
}
trap clean_up EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

expect_status() {
  local want="$1" got=0
  shift
  "$@" >/dev/null 2>&1 || got=$?
  [[ "$got" == "$want" ]] || fail "'$*' gave exit code $got, not $want"
}

start() { "$servers" start postgres "$@" | tail -n 1; }
query() { psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$1" -c "$2"; }

# A process that ended but was not yet reaped is not alive.
is_alive() { grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null; }
pid_in() { head -n 1 "$1/postgres/data/postmaster.pid"; }

expect_status 3 "$servers" status postgres --dir "$work/one"
expect_status 0 "$servers" stop --dir "$work/one"
expect_status 0 "$servers" stop postgres --dir "$work/one"
expect_status 2 "$servers" begin postgres
expect_status 2 "$servers" start
expect_status 2 "$servers" start oracle
expect_status 2 "$servers" start postgres --dir
for port in 0 65536 x -1; do expect_status 2 "$servers" start postgres --port "$port"; done
expect_status 2 "$servers" stop postgres --port 5432
expect_status 2 "$servers" start postgres --keep

one="$(start --dir "$work/one")"
two="$(start --dir "$work/two")"
[[ "$one" =~ ^postgres://groundhog:groundhog@127\.0\.0\.1:([0-9]+)/groundhog$ ]] ||
  fail "start's last line is no URL: $one"
port="${BASH_REMATCH[1]}"
[[ "$one" != "$two" ]] || fail "both servers are at $one"
[[ "$(start --dir "$work/one")" == "$one" ]] || fail "a second start moved it"
[[ "$(start --dir "$work/one" --port "$port")" == "$one" ]] || fail "its own port is refused"
expect_status 1 "$servers" start postgres --dir "$work/one" --port 1
[[ "$("$servers" status postgres --dir "$work/one")" == "$one" ]] || fail "status gives another URL"
[[ "$(query "$one" "show listen_addresses")" == 127.0.0.1 ]] || fail "others could reach it"
if query "${one/groundhog@/wrong@}" "select" 2>/dev/null; then fail "any password opens it"; fi

query "$one" "create table kept (n int); insert into kept values (7)"
if query "$two" "select n from kept" 2>/dev/null; then fail "the servers share their data"; fi
"$servers" stop --dir "$work/one" --keep
expect_status 3 "$servers" status postgres --dir "$work/one"
[[ "$(start --dir "$work/one")" == "$one" ]] || fail "its URL changed with a restart"
[[ "$(query "$one" "select n from kept")" == 7 ]] || fail "--keep did not keep its rows"
"$servers" stop --dir "$work/one"
[[ "$(start --dir "$work/one" --port "$port")" == "$one" ]] || fail "--port is not obeyed"
if query "$one" "select n from kept" 2>/dev/null; then fail "stop did not delete its rows"; fi

# A process id that now belongs to another process is never killed.
sleep 300 &
bystander=$!
mkdir -p "$work/three/postgres/data"
echo "$bystander" >"$work/three/postgres/data/postmaster.pid"
expect_status 3 "$servers" status postgres --dir "$work/three"
"$servers" stop --dir "$work/three"
is_alive "$bystander" || fail "stop killed a process that is no server"
kill "$bystander"

# A stopped process does not handle signals; stop must end it all the same.
pid="$(pid_in "$work/two")"
kill -STOP "$pid"
SERVERS_STOP_SECONDS_MAX=3 "$servers" stop --dir "$work/two"
! is_alive "$pid" || fail "the stopped server survived"
is_alive "$(pid_in "$work/one")" || fail "stopping one server stopped the other"

# Interrupted while starting: no server stays behind.
"$servers" start postgres --dir "$work/four" >/dev/null 2>&1 &
starter=$!
# While the data are made, the file has the negative id of a process without clients.
pid=""
for _ in $(seq 1200); do
  pid="$(pid_in "$work/four" 2>/dev/null)" || true
  [[ "$pid" =~ ^[1-9] ]] && break
  sleep 0.05
done
kill -TERM "$starter"
status=0
wait "$starter" || status=$?
if [[ "$status" == 0 ]]; then
  # It was ready before the signal came.
  "$servers" stop --dir "$work/four"
fi
! is_alive "$pid" || fail "an interrupted start left its server behind"

"$servers" stop --dir "$work/one"
expect_status 3 "$servers" status postgres --dir "$work/one"
echo "all as expected"
