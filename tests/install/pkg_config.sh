#!/bin/sh
# pkg_config.sh shared | archive_only | static: builds a consumer with a C compiler and pkg-config, and runs it: with the
# shared library, with liblanecrypt.a where there is no other, and as a fully static program.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"
# shellcheck disable=SC2153 # of the environment
prefix=$PREFIX
static=
flags=
case $1 in
  archive_only)
    prefix=$work/prefix static=--static
    cp -R "$PREFIX" "$prefix"
    rm "$prefix/$LIBDIR"/liblanecrypt.so*
    ;;
  static) static=--static flags=-static ;;
esac
export PKG_CONFIG_LIBDIR="$prefix/$LIBDIR/pkgconfig"

# shellcheck disable=SC2046,SC2086 # words are what pkg-config prints, and none where there is no flag
"$CC" -Wall -Werror $flags "${0%/*}/consumer/consumer.c" $(pkg-config --cflags --libs $static lanecrypt) -o "$work/consumer"
readelf -dW "$work/consumer" >"$work/dynamic"
if [ "$1" = shared ]; then
  grep -q "NEEDED.*liblanecrypt\.so\.${VERSION%%.*}\]" "$work/dynamic" || fail "not linked with the shared library"
  LD_LIBRARY_PATH=$prefix/$LIBDIR expect_consumer "$work/consumer"
else
  ! grep 'NEEDED.*liblanecrypt' "$work/dynamic" || fail "linked with the shared library"
  if [ "$1" = static ]; then ! grep NEEDED "$work/dynamic" || fail "not fully static"; fi
  expect_consumer "$work/consumer"
fi
