#!/bin/sh
# archive.sh consumer | licence | reproducible: makes the archive of `./dev package`; unpacks it where nothing else
# is and builds a consumer with it, reads its licence, or makes it twice and compares.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"

# make_archive FOLDER: sets archive and name.
make_archive() {
  "$CMAKE" -D DIST="$1" -P "$BUILD/capi/package.cmake" >"$work/log" 2>&1 || fail "package.cmake: $(cat "$work/log")"
  expect "number of archives" "$(find "$1" -type f | wc -l)" 1
  archive=$(find "$1" -name "liblanecrypt-$VERSION-*.tar.gz")
  name=$(basename "$archive" .tar.gz)
}

check_consumer() {
  case $(uname -m) in aarch64) machine=arm64 ;; *) machine=$(uname -m) ;; esac
  expect "the archive's name" "$name" "liblanecrypt-$VERSION-$machine"
  tar -tvzf "$archive" >"$work/listing"
  ! grep -v " $name/" "$work/listing" || fail "an entry is outside the folder $name"
  ! grep -v '^[^ ]* root/root \|^[^ ]* 0/0 ' "$work/listing" || fail "an entry is not root's"

  mkdir "$work/clean"
  tar -xzf "$archive" -C "$work/clean"
  top=$work/clean/$name
  expect "the archive's top" "$(cd "$top" && echo *)" "LICENSE include lib"
  for text in "$top"/lib/pkgconfig/* "$top"/lib/cmake/lanecrypt/*; do
    ! grep -F -e "$SOURCE" -e "$BUILD" "$text" || fail "$text names a folder of this machine"
  done
  for library in "$top/lib/liblanecrypt.a" "$top/lib/liblanecrypt.so.$VERSION"; do
    readelf -SW "$library" >"$work/sections"
    ! grep -q '\.debug_' "$work/sections" || fail "$library has debug information"
    ! grep -aqF -e "$SOURCE" -e "$BUILD" "$library" || fail "$library names a folder of this machine"
  done
  ! readelf -SW "$top/lib/liblanecrypt.so.$VERSION" | grep '\.symtab' || fail "the shared library is not stripped"

  # The checks of an installed tree, on this one.
  export PREFIX="$top" LIBDIR=lib
  for check in "symbols.sh" "elf.sh" "pkg_config.sh shared" "pkg_config.sh static" "find_package.sh C shared" \
    "find_package.sh CXX static"; do
    # shellcheck disable=SC2086 # a script and its arguments
    sh "${0%/*}"/$check || fail "$check, with the archive"
  done
}

check_licence() {
  tar -xOzf "$archive" "$name/LICENSE" | grep 'MIT License' || fail "the archive's licence is not MIT's"
}

check_reproducible() {
  export SOURCE_DATE_EPOCH=1700000000
  first=$(cksum <"$archive")
  touch "$BUILD/capi/lanecrypt.pc"
  make_archive "$work/second"
  second=$(cksum <"$archive")
  make_archive "$work/third"
  expect "a second archive" "$(cksum <"$archive")" "$second"
  [ "$first" != "$second" ] || fail "SOURCE_DATE_EPOCH changes nothing"
  times=$(TZ=UTC tar -tvzf "$archive" --full-time | awk '{ print $4 "T" $5 }' | sort -u)
  expect "the entries' time" "$times" 2023-11-14T22:13:20
}

make_archive "$work/first"
"check_$1"
