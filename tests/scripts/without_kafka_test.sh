#!/usr/bin/env bash
# groundhog-replay configured without Kafka and PostgreSQL: it builds where there is neither
# librdkafka nor libpq, replays to the sinks that are left, says plainly what it lacks, and offers
# nothing that needs it.
source "$GROUNDHOG_SOURCE_DIR/tests/scripts/building.sh"
# Kept from run to run, so that only what changed is built.
build="$GROUNDHOG_BUILD_DIR/without-kafka"

quietly_or_show cmake -S "$GROUNDHOG_SOURCE_DIR" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE= \
  -DGROUNDHOG_WITH_KAFKA=OFF -DGROUNDHOG_WITH_POSTGRES=OFF -DGROUNDHOG_BUILD_TESTS=OFF \
  -DGROUNDHOG_BUILD_BENCH=OFF ||
  fail "it does not configure"
if grep -q RDKAFKA "$build/CMakeCache.txt"; then fail "librdkafka was looked for"; fi
if grep -q '^PQ_' "$build/CMakeCache.txt"; then fail "libpq was looked for"; fi
quietly_or_show cmake --build "$build" --target groundhog-replay -j "$(jobs_default)" ||
  fail "it does not build"
replay="$build/cli/groundhog-replay"
if readelf -d "$replay" | grep -qE 'NEEDED.*lib(rdkafka|pq)'; then fail "it links them"; fi

"$GROUNDHOG_BIN_DIR/groundhog" record --duration 10m --quiet -o "$work/ten.ghog"
"$GROUNDHOG_BIN_DIR/groundhog" cat "$work/ten.ghog" >"$work/want"
"$replay" "$work/ten.ghog" --to jsonl:- --speed max --quiet >"$work/got"
cmp "$work/want" "$work/got" || fail "jsonl:- has other lines than groundhog cat"
"$replay" "$work/ten.ghog" --to null: --speed max --quiet --shard 1/2 --key trace_id ||
  fail "null: does not work"
"$replay" "$work/ten.ghog" --dry-run --quiet || fail "a dry run does not work"
"$replay" "$work/ten.ghog" --to jsonl:- --speed max --quiet --resume "$work/position" |
  cmp - "$work/want" || fail "--resume changes what is written"

# Whatever else the command line says.
for arguments in "--to kafka://localhost:9092" "--to=kafka://embedded --topic logs -X acks=all" \
  "--check kafka://localhost:9092"; do
  # shellcheck disable=SC2086  # several words
  said="$("$replay" "$work/ten.ghog" $arguments 2>&1)" && fail "$arguments is taken"
  [[ "$(wc -l <<<"$said")" == 1 && "$said" == *"this build has no Kafka"* ]] ||
    fail "$arguments: $said"
done
said="$("$replay" "$work/ten.ghog" --to postgres://me:secret@localhost/logs --create 2>&1)" &&
  fail "postgres:// is taken"
[[ "$(wc -l <<<"$said")" == 1 && "$said" == *"this build has no PostgreSQL"* ]] ||
  fail "postgres: $said"
[[ "$said" != *secret* ]] || fail "it tells the password: $said"
said="$("$replay" "$work/ten.ghog" --to fax:1 2>&1)" && fail "fax:1 is taken"
[[ "$said" == *"there are jsonl:PATH, jsonl:- and null:" ]] || fail "fax:1: $said"

"$replay" --help >"$work/help"
offered="kafka postgres --create --topic --check --at-least-once --exactly-once --partitions"
for word in $offered --linger; do
  if grep -qi -e "$word" "$work/help"; then fail "the help speaks of $word"; fi
done
echo "all as expected"
