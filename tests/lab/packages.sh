#!/usr/bin/env bash
# packages.sh [PROGRAM…]: installs, from Debian's packages, these programs as far as this machine lacks them; without arguments
# all that a lab needs. Starts no service.
set -euo pipefail
. "$(dirname "$0")/settings.bash"

case $(foreign_architecture) in arm64) emulator=qemu-aarch64-static ;; amd64) emulator=qemu-x86_64-static ;; esac
declare -A package_of=(
  [arch-test]=arch-test [bindfs]=bindfs [busybox]=busybox-static [curl]=curl [docker-registry]=docker-registry [dockerd]=docker.io
  [ip]=iproute2 [iptables]=iptables [mmdebstrap]=mmdebstrap [$emulator]=qemu-user-static
  [vim]=vim
)
[ $# -gt 0 ] || set -- "${!package_of[@]}"
missing=()
for program; do
  [ "$program" != emulator ] || program=$emulator
  command -v "$program" >/dev/null || missing+=("${package_of[$program]}")
done
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
quietly apt-get install -y --no-install-recommends ca-certificates "${missing[@]}"
