#!/bin/sh
# build.sh: makes replay-amd64 and replay-arm64 of replay.c, with clang and lld (Debian: apt-get install clang lld), and
# replay.sha256, by which a test knows that they are made of this source.
set -eu
cd "$(dirname "$0")"
for architecture in x86_64:amd64 aarch64:arm64; do
  clang --target="${architecture%:*}-linux-gnu" -std=c11 -Wall -Wextra -Werror -Os -ffreestanding -fno-builtin -fno-pic \
    -fno-stack-protector -fno-asynchronous-unwind-tables -fomit-frame-pointer -mno-red-zone -nostdlib -static \
    -fuse-ld=lld -Wl,--build-id=none,--strip-all,--no-rosegment,-z,noseparate-code,-z,max-page-size=65536,-z,norelro \
    -o "replay-${architecture#*:}" replay.c 2>&1
done
chmod a-x replay-amd64 replay-arm64
sha256sum replay.c replay-amd64 replay-arm64 >replay.sha256
