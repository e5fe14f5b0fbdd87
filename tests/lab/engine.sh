#!/usr/bin/env bash
# engine.sh start NAME [MIRROR] | stop NAME: an engine of one's own, beside any other on this machine.
#
# It has its own data, socket, bridge, addresses (10.N.0.0/16) and containerd namespace. "start" prints its
# endpoint; where it runs already, that is all "start" does. MIRROR is host:port of a registry that is asked first for
# names without a host. With BIREME_LAB_STORE=containerd it keeps images in containerd's store, several platforms under a name
# (engines from 24 on). "stop" takes away everything, containers and volumes too; one that died is started again with what it had.
set -euo pipefail
. "$(dirname "$0")/settings.bash"
usage() { die "usage: engine.sh start NAME [MIRROR] | stop NAME"; }
[ $# -ge 2 ] || usage
name=$2
home=$lab_run/$name
socket=$home/docker.sock
data=$lab_cache/labs/$name/engine

answers() { curl -fsS --max-time 5 --unix-socket "$socket" http://localhost/_ping; }

# The first of 10.200.0.0/16 … 10.250.0.0/16 that no lab has and no route of this machine touches.
choose_network() {
  local second
  for second in $(seq 200 250); do
    grep -qsx "$second" "$lab_run"/*/network && continue
    ip -4 route show root "10.$second.0.0/16" | grep -q . && continue
    echo "$second"
    return
  done
  die "no free address range for another engine"
}

start() {
  local mirror=${1:-} second options
  if [ -f "$home/dockerd.pid" ] && answers >/dev/null 2>&1; then
    echo "unix://$socket"
    return
  fi
  [ "$(id -u)" -eq 0 ] || die "root is needed to start an engine"
  halt
  mkdir -p "$home" "$data"

  lock_labs
  [ -e "$lab_run/packet-filter" ] || note_packet_filter
  second=$(choose_network)
  echo "$second" >"$home/network"
  ip link add "bireme$second" type bridge
  ip addr add "10.$second.0.1/24" dev "bireme$second"
  ip link set "bireme$second" up
  unlock_labs

  # An empty configuration file keeps the machine's own /etc/docker/daemon.json out of this.
  case ${BIREME_LAB_STORE:-} in
    containerd) echo '{"features": {"containerd-snapshotter": true}}' >"$home/daemon.json" ;;
    *) echo '{}' >"$home/daemon.json" ;;
  esac
  options=(--config-file "$home/daemon.json" --host "unix://$socket" --pidfile "$home/dockerd.pid"
    --data-root "$data" --exec-root "$home/exec" --bridge "bireme$second"
    --default-address-pool "base=10.$second.128.0/17,size=24" --shutdown-timeout 2
    --containerd-namespace "bireme-$name" --containerd-plugins-namespace "bireme-$name-plugins")
  [ -z "$mirror" ] || options+=(--registry-mirror "http://$mirror")
  start_daemon "$home/daemon.pid" "$home/dockerd.log" dockerd "${options[@]}"
  wait_until 60 answers || die "the engine did not start; the end of its log:
$(tail -n 15 "$home/dockerd.log")"
  echo "unix://$socket"
}

stop() {
  if answers >/dev/null 2>&1; then remove_containers; fi
  halt
  rm -rf "$data"
  rmdir "$home" "$(dirname "$data")" 2>/dev/null || true
}

# Everything but the data.
halt() {
  local mountpoint
  stop_daemon "$home/daemon.pid"
  # A daemon that had to be killed leaves its mounts.
  awk -v data="$data" -v home="$home" 'index($2 "/", data "/") == 1 || index($2 "/", home "/") == 1 {print $2}' /proc/mounts |
    tac | while read -r mountpoint; do umount -l "$mountpoint"; done
  if [ -f "$home/network" ]; then
    lock_labs
    remove_network "$(cat "$home/network")"
    rm -f "$home/network"
    restore_packet_filter
    unlock_labs
  fi
  rm -rf "$home/exec" "$home"/{docker.sock,dockerd.pid,dockerd.log,daemon.json}
}

# At once, so that no container's grace period is waited for.
remove_containers() {
  local id
  curl -fsS --unix-socket "$socket" 'http://localhost/containers/json?all=1' |
    tr '{,' '\n\n' | sed -n 's/^"Id":"\([0-9a-f]*\)"$/\1/p' |
    while read -r id; do
      curl -fsS --unix-socket "$socket" -X DELETE "http://localhost/containers/$id?force=1" -o /dev/null || true
    done
}

# An engine leaves its bridges and its packet filter rules when it ends.
remove_network() {
  local second=$1 bridge table
  for bridge in $(ip -4 -o addr show to "10.$second.0.0/16" | awk '{print $2}' | sort -u); do
    for table in filter nat raw; do
      delete_rules "$table" " -[io] $bridge( |\$)"
    done
    ip link delete "$bridge"
  done
  for table in filter nat raw; do
    delete_rules "$table" " 10\.$second\."
  done
}
delete_rules() {
  rules "$1" | sed -nE "/^-A .*$2/s/^-A/-D/p" | xargs -r -L 1 iptables -t "$1"
}
rules() { iptables-save -t "$1" 2>/dev/null || true; }

# With the last lab goes what the first one's engine brought: its chains, forwarding and its policy.
note_packet_filter() {
  local before
  before=$(rules filter)
  {
    case $before in *:DOCKER\ *) echo another-engine ;; *) echo no-engine ;; esac
    case $before in *':FORWARD DROP'*) echo DROP ;; *) echo ACCEPT ;; esac
    cat /proc/sys/net/ipv4/ip_forward
  } >"$lab_run/packet-filter"
}
restore_packet_filter() {
  local others policy forward
  ! ls "$lab_run"/*/network >/dev/null 2>&1 || return 0
  [ -f "$lab_run/packet-filter" ] || return 0
  { read -r others && read -r policy && read -r forward; } <"$lab_run/packet-filter"
  rm "$lab_run/packet-filter"
  # Another engine may have come in the meantime: its bridge has a rule in this chain.
  case $others$(rules nat) in another-engine* | *'-A DOCKER '*) return 0 ;; esac
  remove_chains filter 'DOCKER[A-Z0-9-]*'
  remove_chains nat DOCKER
  iptables -P FORWARD "$policy"
  echo "$forward" >/proc/sys/net/ipv4/ip_forward
}
# remove_chains TABLE PATTERN: emptied first, as one may jump to another.
remove_chains() {
  local option chain
  delete_rules "$1" " -j $2( |\$)"
  for option in -F -X; do
    rules "$1" | sed -nE "s/^:($2) .*/\1/p" | while read -r chain; do iptables -t "$1" $option "$chain"; done
  done
}

case $1 in
  start) start "${3:-}" ;;
  stop) stop ;;
  *) usage ;;
esac
