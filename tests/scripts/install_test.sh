#!/usr/bin/env bash
# `cmake --install` installs two programs that run from any directory with no environment,
# each linking only its own half of the project, and both of the version that the build states; a
# manual page a command, and completion where bash, zsh and fish look for it.
set -euo pipefail
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

cmake --install "$GROUNDHOG_BUILD_DIR" --prefix "$work/prefix" >/dev/null
# The library has a test of its own.
[[ "$(find "$work/prefix" -type f -not -name '*.1' -not -path '*/include/*' -not -path '*/lib/*' \
  -printf '%P\n' | sort | xargs)" == \
  "bin/groundhog bin/groundhog-replay \
share/bash-completion/completions/groundhog share/bash-completion/completions/groundhog-replay \
share/fish/vendor_completions.d/groundhog-replay.fish \
share/fish/vendor_completions.d/groundhog.fish \
share/groundhog/postgres/logs.sql share/groundhog/postgres/positions.sql \
share/groundhog/postgres/views.sql \
share/zsh/site-functions/_groundhog share/zsh/site-functions/_groundhog-replay" ]] ||
  fail "installed is: $(find "$work/prefix" -type f)"

# As the installed programs name their commands.
for program in groundhog groundhog-replay; do
  commands="$("$work/prefix/bin/$program" __complete help '' | sed '1d; s/\t.*//; s/^/-/')"
  for command in "" $commands; do
    [[ -f "$work/prefix/share/man/man1/$program$command.1" ]] ||
      fail "no manual page of $program$command"
  done
done
(cd "$work" && man -M "$work/prefix/share/man" groundhog-record | grep -q -- --seed) ||
  fail "man does not find groundhog-record"

# The shells load what was installed by themselves.
[[ "$(cd "$work" && bash --norc -c "source prefix/share/bash-completion/completions/groundhog
  complete -p groundhog")" == *groundhog ]] || fail "bash has no completion"
[[ "$(env "PATH=$work/prefix/bin:$PATH" "XDG_DATA_DIRS=$work/prefix/share" "HOME=$work" \
  fish -c 'complete -C "groundhog verif"' | cut -f 1)" == verify ]] || fail "fish has no completion"
[[ "$(zsh -f -c "fpath=($work/prefix/share/zsh/site-functions \$fpath); autoload -Uz compinit
  compinit -u -d $work/dump; print \$_comps[groundhog-replay]")" == _groundhog-replay ]] ||
  fail "zsh has no completion"

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
# Names of yaml-cpp's are in a program that links it, as an archive or shared.
grep -qa N4YAML "$work/prefix/bin/groundhog" || fail "groundhog without yaml-cpp"
if grep -qa N4YAML "$work/prefix/bin/groundhog-replay"; then
  fail "groundhog-replay links yaml-cpp"
fi
echo "all as expected"
