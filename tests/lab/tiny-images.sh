#!/usr/bin/env bash
# tiny-images.sh REGISTRY: puts the images that tests use into a registry. They are made from Debian's busybox-static, 1 MB each.
#
#   busybox:stable, :latest, :1.36  both architectures; the default command is sh
#   both:1 to both:7                both architectures, each for one test: an engine may keep only one of them under a name
#   python:3.12                     both; nothing but a name by which builds are known to install for that Python
#   postgres:16                     both; a database by its name and its anonymous volume alone
#   native-only:1                   this machine's architecture and no other
#   foreign-only:1                  the other architecture and no other
#   with-volume:1                   both; an anonymous volume at /data, which holds the file "seed"
#   with-healthcheck:1              both; its command makes /tmp/ready at once, and its healthcheck (every second) looks for it
#   with-defaults:1                 both; has an entrypoint, a command, a user, a directory, a label, a port, a variable, a stop signal
#
# All are under library/, where an engine looks for names without a host.
set -euo pipefail
. "$(dirname "$0")/settings.bash"
registry=${1:?usage: tiny-images.sh REGISTRY}
layers=$lab_cache/busybox

# make_layer ARCHITECTURE: busybox, a link for each of its applets, and the few files that a Linux system must have.
make_layer() {
  local root applet
  root=$(mktemp -d)
  mmdebstrap --quiet --variant=extract --architectures="$1" --include=busybox-static bookworm "$root/package.tar"
  mkdir -p "$root/image"/{bin,data,dev,etc,proc,root,sys,tmp,usr/bin,var/tmp}
  chmod 1777 "$root/image/tmp" "$root/image/var/tmp"
  tar -xOf "$root/package.tar" ./bin/busybox >"$root/image/bin/busybox"
  chmod 755 "$root/image/bin/busybox"
  for applet in $(busybox --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/image/bin/$applet"
  done
  ln -s ../../bin/env "$root/image/usr/bin/env"
  printf 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/false\n' >"$root/image/etc/passwd"
  printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/image/etc/group"
  echo seed >"$root/image/data/seed"
  tar -C "$root/image" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -c . | gzip -9n >"$layers/$1.tar.gz.new"
  mv "$layers/$1.tar.gz.new" "$layers/$1.tar.gz"
  rm -rf "$root"
}

native=$(native_architecture)
foreign=$(foreign_architecture)
mkdir -p "$layers"
for architecture in "$native" "$foreign"; do
  [ -s "$layers/$architecture.tar.gz" ] || quietly make_layer "$architecture"
done
both=("$native=$layers/$native.tar.gz" "$foreign=$layers/$foreign.tar.gz")

# push NAME:TAG CONFIG ARCHITECTURE=LAYER…: CONFIG is what the image says beside its search path and its command.
push() {
  local name=$1 config=$2
  shift 2
  "$lab_scripts/push-image.sh" -c "{\"Env\":[\"PATH=/bin:/usr/bin\"$config}" "$registry" "library/$name" "$@"
}
shell='],"Cmd":["sh"]'
for tag in stable latest 1.36; do push "busybox:$tag" "$shell" "${both[@]}"; done
for tag in 1 2 3 4 5 6 7; do push "both:$tag" "$shell" "${both[@]}"; done
push python:3.12 "$shell" "${both[@]}"
push postgres:16 "$shell,\"Volumes\":{\"/var/lib/postgresql/data\":{}}" "${both[@]}"
push native-only:1 "$shell" "$native=$layers/$native.tar.gz"
push foreign-only:1 "$shell" "$foreign=$layers/$foreign.tar.gz"
push with-volume:1 "$shell,\"Volumes\":{\"/data\":{}}" "${both[@]}"
push with-healthcheck:1 '],"Cmd":["sh","-c","touch /tmp/ready; exec sleep 3600"],"StopSignal":"SIGKILL",
  "Healthcheck":{"Test":["CMD-SHELL","test -e /tmp/ready"],"Interval":1000000000,"Timeout":5000000000,"Retries":3}' "${both[@]}"
push with-defaults:1 ',"GREETING=hello"],"Entrypoint":["sh","-c"],"Cmd":["exec sleep 3600"],"User":"nobody","WorkingDir":"/tmp",
  "Labels":{"org.example.origin":"image"},"ExposedPorts":{"8080/tcp":{}},"StopSignal":"SIGKILL"' "${both[@]}"
