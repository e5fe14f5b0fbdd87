#!/usr/bin/env bash
# packages.sh [emulation]: installs, from Debian's packages, the programs of a lab that this machine lacks, or only those
# that emulation needs. Starts no service.
set -euo pipefail
. "$(dirname "$0")/settings.bash"

missing=()
need() { command -v "$1" >/dev/null || missing+=("$2"); }
case $(foreign_architecture) in
  arm64) need qemu-aarch64-static qemu-user-static ;;
  amd64) need qemu-x86_64-static qemu-user-static ;;
esac
need arch-test arch-test
if [ "${1:-}" != emulation ]; then
  need dockerd docker.io
  need docker-registry docker-registry
  need iptables iptables
  need ip iproute2
  need curl curl
  need busybox busybox-static
  need mmdebstrap mmdebstrap
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || missing+=(debian-archive-keyring)
  [ -e /etc/ssl/certs/ca-certificates.crt ] || missing+=(ca-certificates)
fi
[ ${#missing[@]} -gt 0 ] || exit 0

command -v apt-get >/dev/null || die "these are missing, and only Debian's apt-get can be asked for them: ${missing[*]}"
[ "$(id -u)" -eq 0 ] || die "root is needed to install ${missing[*]}"

# The packages start their daemons where the machine has an init system; a lab starts its own.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
  trap 'rm -f $policy' EXIT
  printf '#!/bin/sh\nexit 101\n' >$policy
  chmod +x $policy
fi
say "installing ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
quietly apt-get update
quietly apt-get install -y --no-install-recommends "${missing[@]}"
