#!/bin/sh
# bootstrap_zip.sh: makes the bootstrap's zip of `./dev package` twice: one executable file in its root, the same bytes.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"

# make_zip FOLDER: sets zip.
make_zip() {
  "$CMAKE" -D DIST="$1" -P "$BUILD/runtime/package.cmake" >"$work/log" 2>&1 || fail "package.cmake: $(cat "$work/log")"
  zip=$(find "$1" -type f)
  case $(uname -m) in aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
  expect "the zip's name" "$(basename "$zip")" "lanecrypt-bootstrap-$machine.zip"
}

make_zip "$work/first"
first=$(cksum <"$zip")
mkdir "$work/clean"
(cd "$work/clean" && "$CMAKE" -E tar xf "$zip")
expect "entries and modes" "$(cd "$work/clean" && find . -type f -printf '%P %m\n')" "bootstrap 755"
! readelf -SW "$work/clean/bootstrap" | grep '\.symtab\|\.debug_' || fail "bootstrap is not stripped"
! readelf -dW "$work/clean/bootstrap" | grep NEEDED || fail "bootstrap is not static"
make_zip "$work/second"
expect "a second zip" "$(cksum <"$zip")" "$first"
