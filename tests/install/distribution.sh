#!/bin/sh
# distribution.sh: builds and installs as a distribution would: with the libcrypt engine, and with libraries in
# lib/TRIPLET, or lib64 where the compiler knows no triplet. The consumer is linked with what pkg-config says there.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"
triplet=$("$CC" -print-multiarch 2>/dev/null || true)
LIBDIR=${triplet:+lib/$triplet}
LIBDIR=${LIBDIR:-lib64}
prefix=$work/prefix

"$CMAKE" -S "$SOURCE" -B "$work/build" -G "$GENERATOR" -DCMAKE_BUILD_TYPE=Release -DCMAKE_INSTALL_LIBDIR="$LIBDIR" \
  -DLANECRYPT_SYSTEM=ON -DLANECRYPT_RUNTIME=OFF -DLANECRYPT_TESTS=OFF -DLANECRYPT_BENCH=OFF >"$work/log" 2>&1 ||
  fail "configuring: $(cat "$work/log")"
"$CMAKE" --build "$work/build" >"$work/log" 2>&1 || fail "building: $(tail -n 40 "$work/log")"
"$CMAKE" --install "$work/build" --prefix "$prefix" >"$work/log" 2>&1 || fail "installing: $(cat "$work/log")"

readelf -dW "$prefix/$LIBDIR/liblanecrypt.so" | grep -q 'NEEDED.*libcrypt' || fail "not built with libcrypt"
PREFIX=$prefix SYSTEM=1 sh "${0%/*}/elf.sh"
for kind in shared archive_only static; do
  PREFIX=$prefix LIBDIR=$LIBDIR sh "${0%/*}/pkg_config.sh" "$kind" || fail "pkg-config, $kind"
done
PREFIX=$prefix LIBDIR=$LIBDIR sh "${0%/*}/find_package.sh" C static || fail "find_package, static"
