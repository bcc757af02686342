#!/bin/sh
# symbols.sh: the functions of lanecrypt.h, the names in lanecrypt.map and what liblanecrypt.so exports are the same.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"
export LC_ALL=C
library=$PREFIX/$LIBDIR/liblanecrypt.so.${VERSION%%.*}

"$CC" -E -P -x c "$PREFIX/include/lanecrypt/lanecrypt.h" | grep -o '\<lanecrypt_[a-z0-9_]* *(' | tr -d ' (' |
  sort >"$work/header"
[ -s "$work/header" ] || fail "no function was found in the header"
grep -o '^ *lanecrypt_[a-z0-9_]*;' "$SOURCE/capi/lanecrypt.map" | tr -d ' ;' | sort >"$work/map"
# The version's own name is an absolute symbol. Everything else counts, C++ and data too.
nm -D --defined-only "$library" | cut -d' ' -f2,3 >"$work/all"
grep -v '^A LANECRYPT_0$' "$work/all" | sed 's/^T \(.*\)@@LANECRYPT_0$/\1/' | sort >"$work/exported"

diff "$work/header" "$work/map" || fail "the header (<) and lanecrypt.map (>) differ"
diff "$work/header" "$work/exported" || fail "the header (<) and the exports of $library (>) differ"

# In liblanecrypt.a, too, what is ours and not in the header is hidden: a program's own shared library must not pass it on.
# Instances of the standard library's templates, and their static variables, have its visibility and not ours.
readelf -sW "$PREFIX/$LIBDIR/liblanecrypt.a" |
  awk '$5 != "LOCAL" && $6 == "DEFAULT" && $7 != "UND" && $7 ~ /^[0-9]+$/ { print $8 }' |
  grep -v '^_ZZ\?N\?K\?S[at]\|^_ZT[ISV]S\|^_ZNKSt\|^_ZSt\|^DW.ref' | sort -u >"$work/archive"
diff "$work/header" "$work/archive" || fail "the header (<) and the visible names of liblanecrypt.a (>) differ"
printf '%s functions\n' "$(wc -l <"$work/header")"
