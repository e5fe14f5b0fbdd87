# shellcheck shell=bash
# Where a lab keeps its things, and the few functions that all its scripts need. Sourced, never run.
#
# A lab is a private engine, a private registry and the images in it. Labs have names; any number may run
# side by side. What a lab needs only while it runs is under $lab_run/NAME; what is worth keeping for the
# next run (package downloads, image layers) is under $lab_cache.

lab_cache=${BIREME_LAB_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/bireme-lab}
lab_run=${BIREME_LAB_RUN:-/run/bireme-lab}
lab_scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

say() { printf '%s\n' "$*" >&2; }
die() { say "error: $*"; exit 1; }

# The machine's own architecture, and the other one of the two that Bireme cares for, in the words of image manifests.
native_architecture() {
  case $(uname -m) in
    x86_64) echo amd64 ;;
    aarch64 | arm64) echo arm64 ;;
    *) die "a lab runs on amd64 and on arm64, not on $(uname -m)" ;;
  esac
}
foreign_architecture() { case $(native_architecture) in amd64) echo arm64 ;; *) echo amd64 ;; esac; }

# quietly COMMAND…: runs it and shows what it printed only when it fails.
quietly() {
  local output status
  output=$(mktemp)
  # In a condition ("if", "||") bash would not stop a function at its first failing command.
  set +e
  (set -e; "$@") >"$output" 2>&1
  status=$?
  set -e
  if [ "$status" -ne 0 ]; then
    say "error: '$*' failed with exit code $status:"
    cat "$output" >&2
  fi
  rm -f "$output"
  return "$status"
}

# wait_until SECONDS COMMAND…: succeeds as soon as the command does.
wait_until() {
  local deadline=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$deadline" ] || return 1
    sleep 0.1
  done
}

# start_daemon PIDFILE LOG COMMAND…: leaves it running after this script, in a session of its own, without any lock held here.
start_daemon() {
  local pidfile=$1 log=$2
  shift 2
  setsid "$@" >"$log" 2>&1 </dev/null 9>&- &
  echo $! >"$pidfile"
}

# stop_daemon PIDFILE: asks the process to end and waits until it has; after a minute it is killed.
stop_daemon() {
  local pid
  [ -f "$1" ] || return 0
  pid=$(cat "$1")
  if kill "$pid" 2>/dev/null; then
    wait_until 60 process_is_gone "$pid" || kill -KILL "$pid" 2>/dev/null || true
  fi
  rm -f "$1"
}
# One that nobody waited for (in a container without an init process) is as good as gone.
process_is_gone() { ! kill -0 "$1" 2>/dev/null || grep -qs '^State:[[:space:]]*Z' "/proc/$1/status"; }

# Serialises what labs share: the choice of addresses, the kernel's handlers, the packet filter.
lock_labs() {
  mkdir -p "$lab_run"
  exec 9>"$lab_run/lock"
  flock 9
}
unlock_labs() { exec 9>&-; }
