#!/usr/bin/env bash
# What `cmake --install` puts down: two programs that run from any directory with no environment,
# each linking only its own half of the project, and both of the version that the build states.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

cmake --install "$GROUNDHOG_BUILD_DIR" --prefix "$work/prefix" >/dev/null
[[ "$(find "$work/prefix" -type f -printf '%P\n' | sort | xargs)" == \
  "bin/groundhog bin/groundhog-replay" ]] || fail "installed is: $(find "$work/prefix" -type f)"

cd /
env -i "$work/prefix/bin/groundhog" record --duration 10m --quiet -o "$work/ten.ghog"
env -i "$work/prefix/bin/groundhog" verify "$work/ten.ghog"
lines="$(env -i "$work/prefix/bin/groundhog-replay" "$work/ten.ghog" --to jsonl:- --speed max \
  --quiet | wc -l)"
((lines > 1000)) || fail "only $lines lines were replayed"

version="$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$GROUNDHOG_BUILD_DIR/CMakeCache.txt")"
for program in groundhog groundhog-replay; do
  [[ "$(env -i "$work/prefix/bin/$program" --version)" == "$program $version" ]] ||
    fail "$program is not of version $version"
done

links() { readelf -d "$work/prefix/bin/$1" | grep -c "NEEDED.*$2"; }
[[ "$(links groundhog-replay librdkafka)" == 1 ]] || fail "groundhog-replay without librdkafka"
[[ "$(links groundhog librdkafka)" == 0 ]] || fail "groundhog links librdkafka"
[[ "$(links groundhog libyaml-cpp)" == 1 ]] || fail "groundhog without yaml-cpp"
[[ "$(links groundhog-replay libyaml-cpp)" == 0 ]] || fail "groundhog-replay links yaml-cpp"
echo "all as expected"
