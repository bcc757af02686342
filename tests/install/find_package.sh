#!/bin/sh
# find_package.sh LANGUAGE shared | static: builds a consumer with CMake in a project that has only C, or only C++.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"
target=lanecrypt
[ "$2" = shared ] || target=lanecrypt_static

"$CMAKE" -S "${0%/*}/consumer" -B "$work/build" -G "$GENERATOR" -DCMAKE_PREFIX_PATH="$PREFIX" \
  -DCONSUMER_LANGUAGE="$1" -DCONSUMER_TARGET="$target" -DCONSUMER_VERSION="$VERSION" >"$work/log" 2>&1 ||
  fail "configuring: $(cat "$work/log")"
"$CMAKE" --build "$work/build" >"$work/log" 2>&1 || fail "building: $(cat "$work/log")"

grep -qF "lanecrypt_DIR:PATH=$PREFIX/$LIBDIR/cmake/lanecrypt" "$work/build/CMakeCache.txt" || fail "found another lanecrypt"
readelf -dW "$work/build/consumer" >"$work/dynamic"
if [ "$2" = shared ]; then
  grep -q 'NEEDED.*liblanecrypt' "$work/dynamic" || fail "not linked with the shared library"
else
  ! grep 'NEEDED.*liblanecrypt' "$work/dynamic" || fail "linked with the shared library"
fi
expect_consumer "$work/build/consumer"
