#!/bin/sh
# version.sh: the version stands in the root CMakeLists.txt and nowhere else, and everything that tells it agrees.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"
export PKG_CONFIG_LIBDIR="$PREFIX/$LIBDIR/pkgconfig"

expect "the root CMakeLists.txt" "$(sed -n 's/^project(lanecrypt VERSION \([0-9.]*\) .*/\1/p' "$SOURCE/CMakeLists.txt")" "$VERSION"
expect "pkg-config --modversion" "$(pkg-config --modversion lanecrypt)" "$VERSION"
[ -f "$PREFIX/$LIBDIR/liblanecrypt.so.$VERSION" ] || fail "no liblanecrypt.so.$VERSION"
for folder in kernel capi runtime python examples; do
  [ ! -d "$SOURCE/$folder" ] || ! grep -rnIwF --exclude-dir=events "$VERSION" "$SOURCE/$folder" || fail "the version is written in $folder/ too"
done

# lanecrypt_version() of the loaded library.
# shellcheck disable=SC2046 # words are what pkg-config prints
"$CC" "${0%/*}/consumer/consumer.c" $(pkg-config --cflags --libs lanecrypt) -o "$work/consumer"
expect "lanecrypt_version()" "$(LD_LIBRARY_PATH=$PREFIX/$LIBDIR "$work/consumer" | head -n 1)" "version $VERSION"

# find_package takes this version and no other minor one, as long as the major one is 0.
# accepts VERSION
accepts() {
  "$CMAKE" -S "${0%/*}/consumer" -B "$work/build-$1" -G "$GENERATOR" -DCMAKE_PREFIX_PATH="$PREFIX" \
    -DCONSUMER_LANGUAGE=C -DCONSUMER_TARGET=lanecrypt -DCONSUMER_VERSION="$1" >"$work/log" 2>&1
}
major=${VERSION%%.*}
minor=${VERSION#*.}
minor=${minor%%.*}
accepts "$major.$minor" || fail "find_package($major.$minor): $(cat "$work/log")"
! accepts "$major.$((minor + 1))" || fail "find_package took $VERSION for $major.$((minor + 1))"
! accepts "$((major + 1)).0" || fail "find_package took $VERSION for $((major + 1)).0"
