#!/usr/bin/env bash
# scripts/bootstrap has nothing to do when all is there: silent, quick, and it says so with --check;
# and it names what is missing.
set -euo pipefail
bootstrap="$GROUNDHOG_SOURCE_DIR/scripts/bootstrap"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

fail() {
  echo "FAILED: $*" >&2
  exit 1
}

"$bootstrap" --check || fail "something is missing in a place where the tests run"
started="$(date +%s%N)"
output="$("$bootstrap" 2>&1 </dev/null)" || fail "ended with $?"
milliseconds=$((($(date +%s%N) - started) / 1000000))
[[ -z "$output" ]] || fail "not silent: $output"
((milliseconds < 5000)) || fail "took $milliseconds ms to do nothing"

# A package data base in which one package is not installed.
mkdir "$work/bin"
cat >"$work/bin/dpkg-query" <<'EOF'
#!/usr/bin/env bash
/usr/bin/dpkg-query "$@" | sed 's/^installed kcat$/not-installed kcat/'
EOF
chmod +x "$work/bin/dpkg-query"
status=0
output="$(PATH="$work/bin:$PATH" "$bootstrap" --check 2>&1)" || status=$?
[[ "$status" == 1 && "$output" == "bootstrap: missing: kcat" ]] ||
  fail "a missing package gave exit code $status and: $output"
status=0
"$bootstrap" --nonsense 2>/dev/null || status=$?
[[ "$status" == 2 ]] || fail "an unknown option gave exit code $status"
echo "all as expected"
