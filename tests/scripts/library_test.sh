#!/usr/bin/env bash
# The installed library: each header compiles alone, and with nothing of Cap'n Proto, zstd or
# xxHash; archives have machine code that any compiler can link; examples/cpp_reader, a project
# outside this one, builds against the installation with g++ and clang, and prints what `groundhog
# cat` does.
source "$GROUNDHOG_SOURCE_DIR/tests/scripts/building.sh"

if grep -q '^GROUNDHOG_SANITIZE:STRING=.' "$GROUNDHOG_BUILD_DIR/CMakeCache.txt"; then
  echo "a library with sanitizers in it is for this build alone"
  exit 77
fi
cmake --install "$GROUNDHOG_BUILD_DIR" --prefix "$work/prefix" >/dev/null
include="$work/prefix/include"
[[ "$(find "$include" -type d -printf '%P\n' | sort | xargs)" == \
  "groundhog groundhog/sim groundhog/text groundhog/traces" ]] || fail "include/ has more than ours"

# A header alone is what a file that includes it first sees.
readarray -t headers < <(cd "$include" && find . -name '*.h' -printf '%P\n' | sort)
((${#headers[@]} >= 15)) || fail "only ${#headers[@]} headers are installed"
for header in "${headers[@]}"; do
  printf '#include "%s"\n' "$header" >"$work/alone-${header//\//-}.cc"
done
find "$work" -name 'alone-*.cc' -print0 |
  xargs -0 -n 1 -P 2 g++ -std=c++20 -Wall -Wextra -Werror -fsyntax-only -I "$include" ||
  fail "a header does not compile alone"
cat "$work"/alone-*.cc >"$work/all.cc"
needed="$(g++ -std=c++20 -M -I "$include" "$work/all.cc")"
for foreign in capnp/ kj/ zstd.h xxhash.h "$GROUNDHOG_SOURCE_DIR" "$GROUNDHOG_BUILD_DIR"; do
  [[ "$needed" != *"$foreign"* ]] || fail "the headers include $foreign"
done

for archive in sim text traces; do
  path="$(find "$work/prefix" -name "libgroundhog_$archive.a")"
  [[ -n "$path" ]] || fail "no archive of $archive"
  sections="$(readelf -SW "$path")"
  [[ "$sections" == *' .text'* ]] || fail "no machine code in $path"
  [[ "$sections" != *gnu.lto* ]] || fail "bytecode of one compiler in $path"
done
if grep -rqF -e "$GROUNDHOG_SOURCE_DIR" -e "$GROUNDHOG_BUILD_DIR" \
  "$work/prefix"/lib*/cmake "$work/prefix"/lib/*/cmake 2>/dev/null; then
  fail "the package points into the build"
fi

groundhog="$work/prefix/bin/groundhog"
"$groundhog" record --duration 8h --quiet -o "$work/day.ghog"
arguments=(gateway-service 6h45m)
selection=(--service "${arguments[0]}" --level ERROR --from "${arguments[1]}")
"$groundhog" cat "$work/day.ghog" "${selection[@]}" >"$work/want"
count="$(wc -l <"$work/want")"
((count > 100)) || fail "only $count records to compare"
# Cut short, it has the records of the chunks that are whole.
head -c "$(($(stat -c %s "$work/day.ghog") * 9 / 10))" "$work/day.ghog" >"$work/cut.ghog"
"$groundhog" cat "$work/cut.ghog" --quiet "${selection[@]}" >"$work/want-cut" || (($? == 3))

for compiler in g++ clang++-19; do
  build="$work/build-$compiler"
  quietly_or_show cmake -S "$GROUNDHOG_SOURCE_DIR/examples/cpp_reader" -B "$build" -G Ninja \
    "-DCMAKE_CXX_COMPILER=$compiler" "-DCMAKE_PREFIX_PATH=$work/prefix" \
    "-DCMAKE_CXX_FLAGS=-Wall -Wextra -Werror" ||
    fail "the example does not configure with $compiler"
  quietly_or_show cmake --build "$build" || fail "the example does not build with $compiler"
  "$build/service-errors" "$work/day.ghog" "${arguments[@]}" >"$work/got" 2>"$work/told" ||
    fail "the example of $compiler ended with $?"
  cmp "$work/want" "$work/got" || fail "the example of $compiler printed something else"
  [[ "$(cat "$work/told")" == "$count records" ]] || fail "it counts $(cat "$work/told")"
  status=0
  "$build/service-errors" "$work/cut.ghog" "${arguments[@]}" >"$work/got" 2>/dev/null || status=$?
  ((status == 3)) || fail "a cut trace ended with $status"
  cmp "$work/want-cut" "$work/got" || fail "of a cut trace it printed something else"
done

# Another version is refused by find_package, not by the linker.
cp -r "$GROUNDHOG_SOURCE_DIR/examples/cpp_reader" "$work/other"
sed -i 's/groundhog 0\.1 /groundhog 99.0 /' "$work/other/CMakeLists.txt"
if cmake -S "$work/other" -B "$work/build-other" -G Ninja "-DCMAKE_PREFIX_PATH=$work/prefix" \
  >"$work/log" 2>&1; then
  fail "version 99.0 was found"
fi
grep -q 'compatible with requested' "$work/log" || fail "$(cat "$work/log")"
echo "all as expected"
