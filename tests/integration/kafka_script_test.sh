#!/usr/bin/env bash
# scripts/kafka: two brokers side by side, of two releases and with other properties, idempotent
# start, records through them, exit codes of status, stop by process id even when the broker does
# not listen to SIGTERM, Ctrl-C while starting.
set -euo pipefail
kafka="$GROUNDHOG_SOURCE_DIR/scripts/kafka"
work="$(mktemp -d)"

clean_up() {
  local dir
  for dir in "$work"/*/; do "$kafka" stop --dir "$dir" || true; done
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

expect_status 3 "$kafka" status --dir "$work/one"
expect_status 0 "$kafka" stop --dir "$work/one"
expect_status 2 "$kafka" begin
expect_status 2 "$kafka" start --dir
expect_status 2 "$kafka" start --dir "$work/one" --set offsets.topic.num.partitions
for version in 2.8 4 9.9.9 4.1.x "3.9 4.1"; do
  expect_status 2 "$kafka" fetch --version "$version"
done

# A process that ended but was not yet reaped is not alive.
is_alive() { grep -q '^State:[[:space:]]*[^ZX[:space:]]' "/proc/$1/status" 2>/dev/null; }

# One with the default settings, one of the other release and with a property set by this test.
one="$("$kafka" start --dir "$work/one" --version 4.1 | tail -n 1)"
two="$("$kafka" start --dir "$work/two" --version 3.9 --set offsets.topic.num.partitions=7 |
  tail -n 1)"
[[ "$one" =~ ^127\.0\.0\.1:[0-9]+$ ]] || fail "start's last line is no address: $one"
[[ "$one" != "$two" ]] || fail "both brokers are at $one"
[[ "$("$kafka" start --dir "$work/one" --version 4.1 | tail -n 1)" == "$one" ]] ||
  fail "a second start moved it"
expect_status 1 "$kafka" start --dir "$work/one" --version 3.9
expect_status 1 "$kafka" start --dir "$work/one" --version 4.1 --set num.partitions=2
[[ "$("$kafka" status --dir "$work/one")" == "$one" ]] || fail "status gives another address"

# The release that a broker in DIR has, and one of its properties.
release() {
  "$kafka" run --dir "$1" org.apache.kafka.tools.FeatureCommand --bootstrap-server "$2" describe |
    grep -o 'metadata.version.*SupportedMaxVersion: [0-9.]*' | grep -o '[0-9.]*$'
}
property() {
  "$kafka" run --dir "$1" kafka.admin.ConfigCommand --bootstrap-server "$2" --entity-type brokers \
    --entity-name 1 --describe --all | grep -o " $3=[^ ]*" | head -n 1
}
[[ "$(release "$work/one" "$one")" == 4.1 ]] || fail "one is no Kafka 4.1"
[[ "$(release "$work/two" "$two")" == 3.9 ]] || fail "two is no Kafka 3.9"
[[ "$(property "$work/one" "$one" offsets.topic.num.partitions)" == *=50 ]] ||
  fail "one has not a broker's default settings"
[[ "$(property "$work/two" "$two" offsets.topic.num.partitions)" == *=7 ]] || fail "--set is lost"

seq 1000 | kcat -P -b "$one" -t numbers
[[ "$(kcat -C -b "$one" -t numbers -e -q | sort -n | tail -n 1)" == 1000 ]] || fail "records lost"
[[ "$(kcat -L -b "$two" | grep -c '"numbers"')" == 0 ]] || fail "the brokers share topics"

# A process id that now belongs to another process is never killed.
sleep 300 &
bystander=$!
mkdir -p "$work/three"
echo "$bystander" >"$work/three/pid"
expect_status 3 "$kafka" status --dir "$work/three"
"$kafka" stop --dir "$work/three"
is_alive "$bystander" || fail "stop killed a process that is no broker"
kill "$bystander"

# A stopped process does not handle SIGTERM; stop must end it all the same.
pid="$(cat "$work/two/pid")"
kill -STOP "$pid"
expect_status 1 "$kafka" status --dir "$work/two"
KAFKA_STOP_SECONDS_MAX=3 "$kafka" stop --dir "$work/two"
! is_alive "$pid" || fail "the stopped broker survived"
is_alive "$(cat "$work/one/pid")" || fail "stopping one broker stopped the other"

# Interrupted while starting: no broker stays behind.
"$kafka" start --dir "$work/four" >/dev/null 2>&1 &
starter=$!
for _ in $(seq 100); do
  [[ -s "$work/four/pid" ]] && break
  sleep 0.1
done
pid="$(cat "$work/four/pid")"
kill -TERM "$starter"
wait "$starter" && fail "an interrupted start claims success"
! is_alive "$pid" || fail "an interrupted start left its broker behind"

"$kafka" stop --dir "$work/one"
expect_status 3 "$kafka" status --dir "$work/one"
echo "all as expected"
