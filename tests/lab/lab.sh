#!/usr/bin/env bash
# lab.sh up NAME [--base] | down NAME | sweep: a whole lab, from nothing: programs, emulation, registry, engine, images.
#
# "up" prints two lines, the engine's endpoint and the registry's address; where the lab is up already, it changes nothing.
# --base also provides debian:bookworm-slim where the engine cannot get it from the public registry.
# With BIREME_LAB_ENGINE=newest the engine is the newest that Debian has, instead of the machine's; with
# BIREME_LAB_STORE=containerd it keeps images in containerd's store.
# "down" takes away everything but the cache and the packages installed. "sweep" does that for labs called tests-PID
# whose process is gone: a run that was killed cannot tidy up.
set -euo pipefail
. "$(dirname "$0")/settings.bash"
usage() { die "usage: lab.sh up NAME [--base] | down NAME | sweep"; }
name=${2:-}
[ -n "$name" ] || [ "${1:-}" = sweep ] || usage

# Asked of the engine, because it is the engine that must reach the registry.
public_registry_answers() {
  curl -fsS --max-time 20 --unix-socket "${1#unix://}" http://localhost/distribution/debian:bookworm-slim/json -o /dev/null 2>/dev/null
}

up() {
  local registry endpoint
  "$lab_scripts/packages.sh"
  [ "${BIREME_LAB_ENGINE:-}" != newest ] || PATH=$("$lab_scripts/newer-engine.sh"):$PATH
  "$lab_scripts/emulation.sh" on
  registry=$("$lab_scripts/registry.sh" start "$name")
  endpoint=$("$lab_scripts/engine.sh" start "$name" "$registry")
  "$lab_scripts/tiny-images.sh" "$registry"
  if [ "${1:-}" = --base ] && ! public_registry_answers "$endpoint"; then
    "$lab_scripts/base-image.sh" "$registry"
  fi
  printf '%s\n%s\n' "$endpoint" "$registry"
}

down() {
  "$lab_scripts/engine.sh" stop "$name"
  "$lab_scripts/registry.sh" stop "$name"
  # Other labs may still need the handler.
  ls "$lab_run"/*/network >/dev/null 2>&1 || "$lab_scripts/emulation.sh" off
}

sweep() {
  local left
  for left in "$lab_run"/tests-*/; do
    name=$(basename "$left")
    [ ! -d "$left" ] || kill -0 "${name#tests-}" 2>/dev/null || down
  done
}

case $1 in
  up) up "${3:-}" ;;
  down) down ;;
  sweep) sweep ;;
  *) usage ;;
esac
