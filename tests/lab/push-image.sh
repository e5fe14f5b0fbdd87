#!/usr/bin/env bash
# push-image.sh [-c CONFIG] REGISTRY NAME:TAG ARCHITECTURE=LAYER.tar.gz…
#
# Puts an image into a registry by its HTTP API: for each architecture a layer, a configuration and a manifest, and
# over them an index. Nothing is run and no engine is asked, so an image of any architecture can be made anywhere.
# CONFIG is the "config" object of the image configuration, in JSON ({"Cmd": …, "Volumes": …}).
set -euo pipefail
. "$(dirname "$0")/settings.bash"

config='{}'
if [ "${1:-}" = -c ]; then config=$2 && shift 2; fi
[ $# -ge 3 ] || die "usage: push-image.sh [-c CONFIG] REGISTRY NAME:TAG ARCHITECTURE=LAYER.tar.gz…"
base=http://$1/v2/${2%:*}
tag=${2##*:}
shift 2

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
digest() { echo "sha256:$(sha256sum <"$1" | cut -d' ' -f1)"; }
size() { stat -c %s "$1"; }

push_blob() {
  local digest location
  digest=$(digest "$1")
  ! curl -fsI "$base/blobs/$digest" -o /dev/null 2>/dev/null || return 0
  location=$(curl -fsS -X POST -D - -o /dev/null "$base/blobs/uploads/" | tr -d '\r' | sed -n 's/^[Ll]ocation: //p')
  case $location in *\?*) location="$location&digest=$digest" ;; *) location="$location?digest=$digest" ;; esac
  curl -fsS -X PUT -H 'Content-Type: application/octet-stream' -T "$1" "$location" -o /dev/null
}

# push_manifest FILE MEDIA_TYPE REFERENCE
push_manifest() { curl -fsS -X PUT -H "Content-Type: $2" --data-binary "@$1" "$base/manifests/$3" -o /dev/null; }

manifest_type=application/vnd.oci.image.manifest.v1+json
index_type=application/vnd.oci.image.index.v1+json
entries=
for pair; do
  architecture=${pair%%=*}
  layer=${pair#*=}
  # The unpacked layer's digest is kept beside the layer: a large one takes a second to unpack.
  [ -s "$layer.diff-id" ] || echo "sha256:$(gzip -dc "$layer" | sha256sum | cut -d' ' -f1)" >"$layer.diff-id"
  case $architecture in arm64) variant='"variant":"v8",' ;; *) variant= ;; esac
  printf '{"architecture":"%s",%s"os":"linux","created":"2020-01-01T00:00:00Z","config":%s,"rootfs":{"type":"layers","diff_ids":["%s"]},"history":[{"created":"2020-01-01T00:00:00Z","created_by":"push-image.sh"}]}' \
    "$architecture" "$variant" "$config" "$(cat "$layer.diff-id")" >"$work/config"
  push_blob "$layer"
  push_blob "$work/config"
  printf '{"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"application/vnd.oci.image.config.v1+json","size":%s,"digest":"%s"},"layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","size":%s,"digest":"%s"}]}' \
    "$manifest_type" "$(size "$work/config")" "$(digest "$work/config")" "$(size "$layer")" "$(digest "$layer")" >"$work/manifest"
  push_manifest "$work/manifest" "$manifest_type" "$(digest "$work/manifest")"
  entries="$entries${entries:+,}$(printf '{"mediaType":"%s","size":%s,"digest":"%s","platform":{"architecture":"%s",%s"os":"linux"}}' \
    "$manifest_type" "$(size "$work/manifest")" "$(digest "$work/manifest")" "$architecture" "$variant")"
done
printf '{"schemaVersion":2,"mediaType":"%s","manifests":[%s]}' "$index_type" "$entries" >"$work/index"
push_manifest "$work/index" "$index_type" "$tag"
