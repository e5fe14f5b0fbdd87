#!/usr/bin/env bash
# tests/run.sh: passes all the tests, on a machine with Rust: format, lints, unit tests, and the whole program on an engine.
#
# As root on Debian it installs what is missing, starts an engine and a registry for the tests, and takes both away at the end.
# With BIREME_LAB_ENGINE=newest that engine is the newest that Debian has. Where an engine and a registry exist already, name
# them and none is started:
#   BIREME_TEST_HOST=unix:///path/docker.sock BIREME_TEST_REGISTRY=127.0.0.1:5000 tests/run.sh
# Arguments go to "cargo test", and only that is run: tests/run.sh --test it lifecycle
set -euo pipefail
cd "$(dirname "$0")/.."

step() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

start_lab() {
  local lab=tests-$$ started
  if [ "$(uname -s)" != Linux ]; then
    die "the tests start an engine of their own, and on $(uname -s) none can be made.
Run them inside a Linux virtual machine (with Homebrew: brew install colima && colima start && colima ssh)."
  fi
  trap 'code=$?; tests/lab/lab.sh down "'$lab'"; exit $code' EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  tests/lab/lab.sh sweep
  started=$(tests/lab/lab.sh up "$lab" --base)
  { read -r BIREME_TEST_HOST && read -r BIREME_TEST_REGISTRY; } <<<"$started"
  export BIREME_TEST_HOST BIREME_TEST_REGISTRY
}

command -v cargo >/dev/null || die "cargo is not on PATH; install Rust first (https://rustup.rs)"
if [ $# -eq 0 ]; then
  step "format"
  cargo fmt --check
  step "lints"
  cargo clippy --all-targets --locked -- -D warnings
fi

step "engine and registry"
if [ -z "${BIREME_TEST_HOST:-}" ] || [ -z "${BIREME_TEST_REGISTRY:-}" ]; then start_lab; fi
echo "$BIREME_TEST_HOST, $BIREME_TEST_REGISTRY"

step "tests"
cargo test --locked "$@"
