#!/usr/bin/env bash
# registry.sh start|stop NAME: a registry on 127.0.0.1 for one lab. "start" prints its address (host:port);
# where it runs already, that is all "start" does. Its images are gone after "stop".
set -euo pipefail
. "$(dirname "$0")/settings.bash"
usage() { die "usage: registry.sh start|stop NAME"; }
[ $# -eq 2 ] || usage
home=$lab_run/$2
storage=$lab_cache/labs/$2/registry

answers() { curl -fsS "http://$1/v2/"; }
port_is_free() { ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

start() {
  local address port
  mkdir -p "$home" "$storage"
  if [ -f "$home/registry.address" ]; then
    address=$(cat "$home/registry.address")
    if answers "$address" >/dev/null 2>&1; then
      echo "$address"
      return
    fi
    stop_daemon "$home/registry.pid"
  fi
  lock_labs
  port=5000
  until port_is_free $port; do port=$((port + 1)); done
  address=127.0.0.1:$port
  cat >"$home/registry.yml" <<CONFIG
version: 0.1
log: {level: warn}
storage: {filesystem: {rootdirectory: "$storage"}, delete: {enabled: true}}
http: {addr: "$address"}
CONFIG
  start_daemon "$home/registry.pid" "$home/registry.log" docker-registry serve "$home/registry.yml"
  wait_until 20 answers "$address" || die "the registry did not start: $(tail -n 5 "$home/registry.log")"
  unlock_labs
  echo "$address" | tee "$home/registry.address"
}

stop() {
  stop_daemon "$home/registry.pid"
  rm -rf "$storage" "$home"/registry.*
  rmdir "$home" "$(dirname "$storage")" 2>/dev/null || true
}

case $1 in
  start) start ;;
  stop) stop ;;
  *) usage ;;
esac
