#!/usr/bin/env bash
# settle-packages.sh ROOT CONFIGURED.tar.gz: makes packages that were only unpacked into ROOT look installed.
#
# CONFIGURED is a system of another architecture with the same packages, properly installed: what no package of it owns
# was made by the packages' scripts, and is copied. The package database is written from the archives in ROOT.
set -euo pipefail
root=$1
configured=$2
database=$root/var/lib/dpkg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

copy_what_scripts_made() {
  gzip -dc "$configured" >"$work/configured.tar"
  tar -tf "$work/configured.tar" | sed 's,/$,,' | sort >"$work/all"
  # Packages own /bin/sh, which in a merged system is /usr/bin/sh.
  tar -xOf "$work/configured.tar" --wildcards './var/lib/dpkg/info/*.list' |
    sed -E 's,^/(bin|sbin|lib|lib32|lib64|libx32)(/|$),/usr/\1\2,; s,^,.,' | sort >"$work/owned"
  # Left out: what is of that architecture, and the database, which is written below.
  comm -23 "$work/all" "$work/owned" |
    grep -vE '^\.(|/etc/ld\.so\.cache|/lib(32|64|x32)|/var/lib/dpkg/(arch|available.*|info/.*|lock.*|status.*))$' >"$work/made"
  tar -C "$root" -xf "$work/configured.tar" --no-recursion --skip-old-files -T "$work/made"
}

# record ARCHIVE: what dpkg would note of the package had it installed it.
record() {
  local archive=$1 name conffile part
  rm -rf "$work/control"
  dpkg-deb --control "$archive" "$work/control"
  name=$(dpkg-deb -f "$archive" Package)
  {
    sed 's/^Package: .*/&\nStatus: install ok installed/' "$work/control/control"
    if [ -s "$work/control/conffiles" ]; then
      echo 'Conffiles:'
      while read -r conffile; do
        [ ! -f "$root$conffile" ] || echo " $conffile $(md5sum <"$root$conffile" | cut -d' ' -f1)"
      done <"$work/control/conffiles"
    fi
    echo
  } >>"$database/status"
  [ "$(dpkg-deb -f "$archive" Multi-Arch)" != same ] || name=$name:$(dpkg-deb -f "$archive" Architecture)
  rm "$work/control/control"
  for part in "$work/control"/*; do
    [ ! -e "$part" ] || mv "$part" "$database/info/$name.${part##*/}"
  done
  dpkg-deb --fsys-tarfile "$archive" | tar -t | sed -E 's,^\./,/,; s,(.)/$,\1,; s,^/$,/.,' >"$database/info/$name.list"
}

copy_what_scripts_made
: >"$database/status"
for archive in "$root"/var/cache/apt/archives/*.deb; do record "$archive"; done
