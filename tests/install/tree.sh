#!/bin/sh
# tree.sh: installs, checks the list of files, and moves the tree away from where it was installed for: whatever still
# points to the first place breaks the tests that use the second.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"

first=$PREFIX.first
rm -rf "$PREFIX" "$first"
"$CMAKE" --install "$BUILD" --prefix "$first" >"$work/log" || fail "cmake --install: $(cat "$work/log")"

expected="include/lanecrypt/lanecrypt.h
$LIBDIR/cmake/lanecrypt/lanecrypt-config-version.cmake
$LIBDIR/cmake/lanecrypt/lanecrypt-config.cmake
$LIBDIR/cmake/lanecrypt/lanecrypt-targets.cmake
$LIBDIR/liblanecrypt.a
$LIBDIR/liblanecrypt.so
$LIBDIR/liblanecrypt.so.${VERSION%%.*}
$LIBDIR/liblanecrypt.so.$VERSION
$LIBDIR/pkgconfig/lanecrypt.pc
share/doc/lanecrypt/LICENSE"
# The targets file of the build type has a name of its own in every build type.
installed=$(cd "$first" && find . -type f -o -type l | sed 's|^\./||' | grep -v 'lanecrypt-targets-[a-z]*\.cmake$' | LC_ALL=C sort)
expect "installed files" "$installed" "$expected"

for text in "$first/$LIBDIR"/pkgconfig/*.pc "$first/$LIBDIR"/cmake/lanecrypt/*; do
  for place in "$SOURCE" "$BUILD" "$first"; do
    ! grep -F "$place" "$text" || fail "$text names a folder of this machine"
  done
done
mv "$first" "$PREFIX"
