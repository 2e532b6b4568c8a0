# Sourced by the tests that build other projects: a folder for what they make, which goes at the
# end, the compiler cache, and how they fail.
# shellcheck shell=bash
set -euo pipefail
source "$GROUNDHOG_SOURCE_DIR/scripts/common.sh"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT
use_ccache

# fail WORDS...: what is not as it should be.
fail() {
  echo "FAILED: $*" >&2
  exit 1
}

# quietly_or_show COMMAND...: runs it, and shows its output only if it fails.
quietly_or_show() { "$@" >"$work/log" 2>&1 || { cat "$work/log" >&2 && return 1; }; }
