#!/usr/bin/env bash
# base-image.sh REGISTRY: puts debian:bookworm-slim, for both architectures, made from Debian's packages, into a registry.
#
# For this machine's own architecture mmdebstrap does the usual work. For the other one the packages' own scripts would
# have to run under emulation, which takes minutes. They are not run: the packages are unpacked, and what scripts
# leave behind (users, alternatives, links in /etc) is taken from the first image, where it is the same.
set -euo pipefail
. "$(dirname "$0")/settings.bash"
registry=${1:?usage: base-image.sh REGISTRY}
layers=$lab_cache/debian-bookworm-slim
native=$(native_architecture)
foreign=$(foreign_architecture)
left_out=('/usr/share/doc/*' '/usr/share/info/*' '/usr/share/locale/*' '/usr/share/man/*')

make_native() {
  mmdebstrap --quiet --variant=minbase --include=usr-is-merged \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    "${left_out[@]/#/--dpkgopt=path-exclude=}" \
    bookworm - | gzip -1n >"$layers/$native.tar.gz.new"
  mv "$layers/$native.tar.gz.new" "$layers/$native.tar.gz"
}

make_foreign() {
  local packages
  packages=$(gzip -dc "$layers/$native.tar.gz" | tar -xO ./var/lib/dpkg/status | sed -n 's/^Package: //p' | paste -sd,)
  mmdebstrap --quiet --variant=extract --architectures="$foreign" --include="$packages" \
    --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
    --extract-hook="'$lab_scripts/settle-packages.sh' \"\$1\" '$layers/$native.tar.gz'" \
    --extract-hook="cd \"\$1\" && rm -rf ${left_out[*]/#\//}" \
    bookworm - | gzip -1n >"$layers/$foreign.tar.gz.new"
  mv "$layers/$foreign.tar.gz.new" "$layers/$foreign.tar.gz"
}

mkdir -p "$layers"
if [ ! -s "$layers/$native.tar.gz" ] || [ ! -s "$layers/$foreign.tar.gz" ]; then
  say "making debian:bookworm-slim for $native and $foreign from Debian's packages (once, under a minute)"
  quietly make_native
  quietly make_foreign
fi
"$lab_scripts/push-image.sh" -c '{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":["bash"]}' \
  "$registry" library/debian:bookworm-slim "$native=$layers/$native.tar.gz" "$foreign=$layers/$foreign.tar.gz"
