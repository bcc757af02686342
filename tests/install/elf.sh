#!/bin/sh
# elf.sh: how liblanecrypt.so is linked: its name, what it needs, and the flags that keep it safe.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"
library=$PREFIX/$LIBDIR/liblanecrypt.so.$VERSION
readelf -dW "$library" >"$work/dynamic"
readelf -lW "$library" >"$work/segments"

has() { grep -q "$2" "$work/$1" || fail "$1 of the library has no $2"; }
has_not() { ! grep "$2" "$work/$1" || fail "$1 of the library has $2"; }

has dynamic "(SONAME).*\[liblanecrypt\.so\.${VERSION%%.*}\]"
has dynamic '(FLAGS_1).*\<NODELETE\>' # OpenMP's threads outlive a dlclose
has dynamic '(FLAGS_1).*\<NOW\>'
has segments ' GNU_RELRO '
has segments ' GNU_STACK .* RW '
has_not segments ' GNU_STACK .*E'
has_not segments ' LOAD .* RWE '
has_not dynamic '(RPATH)\|(RUNPATH)\|(TEXTREL)\|\<TEXTREL\>'

# The loader is there because of thread_local: it is glibc's, and in every process before any library is.
allowed='libgomp\.so\.1|libstdc\+\+\.so\.6|libm\.so\.6|libgcc_s\.so\.1|libc\.so\.6|ld-linux-[a-z0-9-]*\.so\.[12]'
[ "$SYSTEM" = 0 ] || allowed="$allowed|libcrypt\.so\.1"
sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' "$work/dynamic" >"$work/needed"
[ -s "$work/needed" ] || fail "no needed library was found"
! grep -Evx "$allowed" "$work/needed" || fail "the library needs what it may not"
[ "$(readlink "$PREFIX/$LIBDIR/liblanecrypt.so")" = "liblanecrypt.so.${VERSION%%.*}" ] || fail "link of liblanecrypt.so"
