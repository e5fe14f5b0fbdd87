#!/usr/bin/env bash
# emulation.sh on|off: lets this machine run programs of the other architecture, by QEMU and the kernel's binfmt_misc.
# "off" undoes only what "on" did; a handler that was there before stays.
set -euo pipefail
. "$(dirname "$0")/settings.bash"

binfmt=/proc/sys/fs/binfmt_misc
case $(foreign_architecture) in arm64) handler=qemu-aarch64 ;; amd64) handler=qemu-x86_64 ;; esac

# Some machines come with a handler of another name (Docker Desktop, Colima, tonistiigi/binfmt); what counts is that it works.
emulated() { arch-test "$(foreign_architecture)"; }

switch_on() {
  emulated >/dev/null 2>&1 && return
  if [ ! -e $binfmt/register ]; then
    mount -t binfmt_misc binfmt_misc $binfmt || die "this kernel has no binfmt_misc, so it cannot emulate $(foreign_architecture)"
    touch "$lab_run/binfmt_misc.mounted"
  fi
  if [ ! -e $binfmt/$handler ]; then
    cat "/usr/lib/binfmt.d/$handler.conf" >$binfmt/register
    touch "$lab_run/$handler.registered"
  fi
  emulated >/dev/null 2>&1 || die "the handler $handler is registered, but programs for $(foreign_architecture) do not run"
}

switch_off() {
  if [ -e "$lab_run/$handler.registered" ]; then
    [ ! -e $binfmt/$handler ] || echo -1 >$binfmt/$handler
    rm "$lab_run/$handler.registered"
  fi
  if [ -e "$lab_run/binfmt_misc.mounted" ]; then
    umount $binfmt || true
    rm "$lab_run/binfmt_misc.mounted"
  fi
}

case ${1:-} in
  on) mkdir -p "$lab_run" && switch_on ;;
  off) switch_off ;;
  *) die "usage: emulation.sh on|off" ;;
esac
