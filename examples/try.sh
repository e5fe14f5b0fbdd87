#!/usr/bin/env bash
# examples/try.sh [up|down]: Bireme's main job on this machine, from nothing.
#
# "up" (the default) finds an engine that runs, or as root on Debian starts a private one; builds Bireme; brings
# examples/django-postgres up with the site on the architecture that this machine does not have; writes an entry into it and reads
# it back. "down" takes all of that away again. BIREME names another program to do it with, such as a Docker Compose.
set -euo pipefail
cd "$(dirname "$0")/.."
lab=try
lab_socket=${BIREME_LAB_RUN:-/run/bireme-lab}/$lab/docker.sock

step() { printf '\n== %s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# ask ENDPOINT PATH [CURL OPTION…]: a call to the engine's API. Only what listens on this machine can be asked.
ask() {
  local endpoint=$1 path=$2
  shift 2
  curl -fsS --max-time 60 --unix-socket "${endpoint#unix://}" "http://localhost$path" "$@" 2>/dev/null
}

answers() {
  case $1 in
    unix://*) [ "$(ask "$1" /_ping)" = OK ] ;;
    *) command -v docker >/dev/null && docker --host "$1" version >/dev/null 2>&1 ;;
  esac
}

# Where an engine may listen: what DOCKER_HOST says, or else the docker command's current context and the usual sockets.
endpoints() {
  if [ -n "${DOCKER_HOST:-}" ]; then
    echo "$DOCKER_HOST"
    return
  fi
  echo "unix://$lab_socket"
  if command -v docker >/dev/null; then docker context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null || true; fi
  printf 'unix://%s\n' /var/run/docker.sock "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/docker.sock" \
    "$HOME/.docker/run/docker.sock" "$HOME/.colima/default/docker.sock"
}

find_engine() {
  local endpoint
  while read -r endpoint; do
    if answers "$endpoint"; then
      echo "$endpoint"
      return
    fi
  done < <(endpoints)
  return 1
}

# provides_base ENDPOINT PLATFORM: from a registry in reach, or from one that stands in for it.
provides_base() {
  case $1 in unix://*) ;; *) return 0 ;; esac
  ask "$1" /distribution/debian:bookworm-slim/json >/dev/null && return
  ! ask "$1" "/images/create?fromImage=debian&tag=bookworm-slim&platform=$2" -X POST | grep -q errorDetail
}

architecture() {
  local version
  case $1 in
    unix://*) version=$(ask "$1" /version) ;;
    *) version=$(docker --host "$1" version --format '"Arch":"{{.Server.Arch}}"') ;;
  esac
  case $version in
    *'"Arch":"amd64"'*) echo amd64 ;;
    *'"Arch":"arm64"'*) echo arm64 ;;
    *) die "the engine at $1 is neither amd64 nor arm64: $version" ;;
  esac
}
other() { case $1 in amd64) echo arm64 ;; *) echo amd64 ;; esac; }

choose_engine() {
  local found
  if found=$(find_engine); then
    if provides_base "$found" "linux/$(other "$(architecture "$found")")"; then
      echo "$found"
      return
    fi
    echo "the engine at $found cannot get debian:bookworm-slim, so another one is started" >&2
  fi
  if [ "$(uname -s)" = Darwin ]; then
    cat >&2 <<'MAC'
No engine answers. Install one and start it, with Homebrew either
    brew install colima docker && colima start
or
    brew install --cask docker    and open Docker Desktop.
This goes on as soon as an engine answers (Ctrl-C ends it).
MAC
    until found=$(find_engine); do sleep 1; done
    echo "$found"
    return
  fi
  { command -v apt-get >/dev/null && [ "$(id -u)" -eq 0 ]; } ||
    die "no engine answers. Start one, or run this as root on Debian, where it starts a private one"
  echo "starting a private engine" >&2
  tests/lab/lab.sh up $lab --base | head -n 1
}

# An engine in a virtual machine brings its own emulation; on Linux the kernel that runs this runs the containers.
provide_emulation() {
  { [ "$(uname -s)" = Linux ] && [ "${1#unix://}" != "$1" ]; } || return 0
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    tests/lab/packages.sh emulator arch-test
    tests/lab/emulation.sh on
  else
    echo "Should the site end with 'exec format error', this machine does not emulate $WEB_PLATFORM yet; as root on Debian:"
    echo "  apt-get install qemu-user-static"
  fi
}

free_port() {
  local port=8000
  while (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do port=$((port + 1)); done
  echo "$port"
}

# The site wants its token back with every form.
write_entry() {
  local url=$1 text=$2 jar token
  jar=$(mktemp)
  token=$(curl -fsS -c "$jar" "$url" | sed -n 's/.*csrfmiddlewaretoken" value="\([^"]*\)".*/\1/p')
  curl -fsS -L -b "$jar" -o /dev/null --data-urlencode "csrfmiddlewaretoken=$token" \
    --data-urlencode "author=try.sh" --data-urlencode "text=$text" "$url"
  rm -f "$jar"
}

find_bireme() {
  if [ -z "${BIREME:-}" ]; then
    command -v cargo >/dev/null || die "cargo is not on PATH; install Rust first (https://rustup.rs)"
    cargo build --release --locked
    BIREME=$PWD/target/release/bireme
  fi
}

up() {
  local port url text page service
  command -v curl >/dev/null || tests/lab/packages.sh curl
  step "an engine"
  DOCKER_HOST=$(choose_engine)
  WEB_PLATFORM=linux/$(other "$(architecture "$DOCKER_HOST")")
  export DOCKER_HOST WEB_PLATFORM
  provide_emulation "$DOCKER_HOST"
  echo "$DOCKER_HOST, on $(architecture "$DOCKER_HOST"); the site will run on $WEB_PLATFORM"

  step "Bireme"
  find_bireme
  "$BIREME" version

  step "the stack"
  cd examples/django-postgres
  # A site that is up already keeps its port.
  port=$("$BIREME" ps web 2>/dev/null | sed -n 's/.*127\.0\.0\.1:\([0-9]*\)->8000.*/\1/p') || true
  WEB_PORT=${port:-$(free_port)}
  export WEB_PORT
  "$BIREME" up -d --build --wait
  "$BIREME" ps

  step "the page"
  url=http://127.0.0.1:$WEB_PORT/
  text="Written on $(date '+%d %B %Y at %H:%M:%S')"
  write_entry "$url" "$text"
  page=$(curl -fsS "$url")
  case $page in *"$text"*) echo "$url shows the entry: $text" ;; *) die "the entry is not on the page: $page" ;; esac
  for service in web db; do
    printf '%-4s runs on %s\n' "$service" "$("$BIREME" exec -T "$service" uname -m)"
  done

  step "look around"
  cat <<HELP
  open $url (the administrator at ${url}admin/ is admin, password admin)

  export DOCKER_HOST=$DOCKER_HOST WEB_PLATFORM=$WEB_PLATFORM WEB_PORT=$WEB_PORT
  cd examples/django-postgres
  $BIREME ps
  $BIREME logs -f web
  $BIREME exec db psql -U logbook logbook

take it all down again:
  examples/try.sh down
HELP
}

down() {
  if [ -d "${lab_socket%/*}" ]; then
    # The stack goes with the engine that was started for it.
    tests/lab/lab.sh down $lab
  elif DOCKER_HOST=$(find_engine); then
    export DOCKER_HOST
    find_bireme
    cd examples/django-postgres
    "$BIREME" down --volumes --rmi local
  fi
}

case ${1:-up} in
  up) up ;;
  down) down ;;
  *) die "usage: examples/try.sh [up|down]" ;;
esac
