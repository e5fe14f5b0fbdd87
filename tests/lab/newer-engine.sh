#!/usr/bin/env bash
# newer-engine.sh: unpacks the newest Docker engine that Debian has (from its suite sid) into the cache, beside the
# machine's own, and prints the folder. With that folder first on PATH, engine.sh starts it.
set -euo pipefail
. "$(dirname "$0")/settings.bash"
folder=$lab_cache/newer-engine

unpack() {
  local work mirror
  work=$(mktemp -d)
  mkdir -p "$work"/lists/partial "$work"/cache "$folder.new"
  mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources 2>/dev/null | head -n 1)
  [ -n "$mirror" ] || mirror=$(sed -n 's/^deb \(\[[^]]*\] \)\?\([^ ]*\) .*/\2/p' /etc/apt/sources.list | head -n 1)
  echo "deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror sid main" >"$work/sources.list"
  cd "$work"
  apt=(apt-get -o "Dir::Etc::SourceList=$work/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$work/lists" -o "Dir::Cache=$work/cache" -o APT::Sandbox::User=root
    # A mirror may hold a sid of some days ago.
    -o Acquire::Check-Valid-Until=false)
  "${apt[@]}" update
  "${apt[@]}" download docker.io containerd runc
  for archive in *.deb; do dpkg-deb -x "$archive" unpacked; done
  for program in dockerd docker-proxy containerd containerd-shim-runc-v2 runc; do
    find unpacked/usr -type f -perm -1 -name "$program" -exec cp {} "$folder.new/" \;
  done
  # A program that needs a C library newer than this machine's is left to the one that the machine has.
  for program in containerd containerd-shim-runc-v2 runc; do
    "$folder.new/$program" -v || rm "$folder.new/$program"
  done
  mv "$folder.new" "$folder"
  rm -rf "$work"
}

[ -x "$folder/dockerd" ] || quietly unpack
echo "$folder"
