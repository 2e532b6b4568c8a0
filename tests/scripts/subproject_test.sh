#!/usr/bin/env bash
# A project that takes this one in by add_subdirectory and links groundhog::traces: it configures,
# builds nothing that it did not ask for, and reads a trace.
source "$GROUNDHOG_SOURCE_DIR/tests/scripts/building.sh"

project="$GROUNDHOG_SOURCE_DIR/tests/scripts/subproject"
quietly_or_show cmake -S "$project" -B "$work/build" -G Ninja \
  -DGROUNDHOG_SOURCE_DIR="$GROUNDHOG_SOURCE_DIR" || fail "the project does not configure"
quietly_or_show cmake --build "$work/build" || fail "the project does not build"

"$GROUNDHOG_BIN_DIR/groundhog" record --duration 20m --quiet -o "$work/day.ghog"
want="$("$GROUNDHOG_BIN_DIR/groundhog" info --json "$work/day.ghog" | jq .records)"
got="$("$work/build/trace-reader" "$work/day.ghog")"
[[ "$got" == "$want" && "$want" -gt 1000 ]] || fail "it read $got records instead of $want"

for folder in tests bench cli sinks replay; do
  [[ ! -e "$work/build/groundhog/$folder" ]] || fail "$folder/ is configured unasked"
done
[[ -z "$(find "$work/build" -name 'libgroundhog_world.a')" ]] || fail "the model was built"
echo "all as expected"
