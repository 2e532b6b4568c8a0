# Sourced by the other scripts: paths, and functions for messages. Only defines functions and
# readonly variables; changes nothing.
# shellcheck shell=bash

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
readonly ROOT
# Kept between runs and between clones: Kafka's jars and the Python environment. Safe to delete.
# shellcheck disable=SC2034  # used by those that source this
readonly CACHE="${GROUNDHOG_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/groundhog}"

# say WORDS...: one line of progress, on stderr.
say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

# die WORDS... : the reason and what to do, then exit 1.
die() {
  say "$*"
  exit 1
}

# usage_error WORDS...: wrong usage, exit 2.
usage_error() {
  say "$*; see '${0##*/} --help'"
  exit 2
}

# print_help: the comment block at the top of the running script, as its help text.
print_help() { sed -n '2,/^[^#]/{/^# shellcheck/d;s/^# \{0,1\}//p}' "$0"; }

# quietly LOG COMMAND...: runs it with its output in LOG; shows LOG's end only when it fails.
quietly() {
  local log="$1" status=0
  shift
  mkdir -p "$(dirname "$log")"
  "$@" >"$log" 2>&1 || status=$?
  if ((status != 0)); then
    tail -n 30 "$log" >&2
    say "'$*' failed; the whole output is in $log"
  fi
  return "$status"
}

# show_progress WORDS...: the progress of a long step, on stderr: on a terminal one line that is
# redrawn, otherwise a line every ten seconds. Call end_progress before printing anything else.
PROGRESS_NEXT=$((SECONDS + 5))
PROGRESS_IS_OPEN=no
show_progress() {
  if [[ -t 2 ]]; then
    printf '\r%s: %s\e[K' "${0##*/}" "$*" >&2
    PROGRESS_IS_OPEN=yes
  elif ((SECONDS >= PROGRESS_NEXT)); then
    say "$*"
    PROGRESS_NEXT=$((SECONDS + 10))
  fi
}
end_progress() {
  [[ "$PROGRESS_IS_OPEN" == no ]] || printf '\r\e[K' >&2
  PROGRESS_IS_OPEN=no
}

# ninja_progress: ninja's output from standard input, its own counting as progress.
ninja_progress() {
  local line
  while IFS= read -r line; do
    if [[ "$line" =~ ^\[([0-9]+)/([0-9]+)\]\  ]]; then
      show_progress "building ${BASH_REMATCH[1]} of ${BASH_REMATCH[2]}"
    elif [[ "$line" != "ninja: no work to do." && "$line" != "-- "* ]]; then
      end_progress
      printf '%s\n' "$line"
    fi
  done
  end_progress
}

# apt_progress: apt's status lines (APT::Status-Fd) from standard input as progress.
apt_progress() {
  local kind percent
  while IFS=: read -r kind _ percent _; do
    case "$kind" in
      dlstatus) show_progress "downloading packages: ${percent%.*} %" ;;
      pmstatus) show_progress "installing packages: ${percent%.*} %" ;;
    esac
  done
  end_progress
}

# python_path: the interpreter of the environment that scripts/bootstrap makes for the tests.
python_path() { printf '%s\n' "$ROOT/build/venv/bin/python3"; }

# use_ccache: sets CMake's launcher when ccache is there; nothing depends on it.
use_ccache() {
  if command -v ccache >/dev/null && [[ -z "${CMAKE_CXX_COMPILER_LAUNCHER:-}" ]]; then
    export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_C_COMPILER_LAUNCHER=ccache
    # Another clone of the same sources then finds its objects there too.
    export CCACHE_BASEDIR="${CCACHE_BASEDIR:-$ROOT}" CCACHE_NOHASHDIR=true
    # What it asks for where headers are precompiled.
    export CCACHE_SLOPPINESS="${CCACHE_SLOPPINESS:-pch_defines,time_macros}"
  fi
}

# jobs_default: how many compile jobs at a time; GROUNDHOG_JOBS overrides.
jobs_default() { printf '%s\n' "${GROUNDHOG_JOBS:-$(nproc)}"; }
