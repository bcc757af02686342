#!/bin/sh
# header.sh alone | used: compiles a file that has nothing but the installed header, or one that uses all of it, as every
# C and C++ that users have, with their strictest warnings.
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"
here=${0%/*}

if [ "$1" = alone ]; then
  printf '#include <lanecrypt/lanecrypt.h>\n' >"$work/file.c"
else
  cp "$here/header_used.c" "$work/file.c"
  # All that the header declares is used there: functions, types, enumerators, macros but for its own helpers.
  "$CC" -E -P -x c "$PREFIX/include/lanecrypt/lanecrypt.h" >"$work/declared"
  grep -o '#define LANECRYPT_[A-Z0-9_]*' "$PREFIX/include/lanecrypt/lanecrypt.h" >>"$work/declared"
  grep -ow 'lanecrypt_[a-z0-9_]*\|LANECRYPT_[A-Z0-9_]*' "$work/declared" | sort -u |
    grep -vx 'LANECRYPT_\(API\|NOEXCEPT\|LANECRYPT_H\)' >"$work/names"
  [ "$(wc -l <"$work/names")" -gt 50 ] || fail "the names of the header were not found"
  while read -r name; do
    grep -qw "$name" "$here/header_used.c" || fail "header_used.c does not use $name"
  done <"$work/names"
fi

# compile COMPILER LANGUAGE STANDARD [FLAG...]
compile() {
  command -v "$1" >/dev/null || { printf 'skipped: no %s\n' "$1"; return 0; }
  compiler=$1 language=$2 standard=$3
  shift 3
  "$compiler" -x "$language" "-std=$standard" -pedantic -Wall -Wextra -Wconversion -Wshadow -Wundef -Werror "$@" \
    -fsyntax-only -I "$PREFIX/include" "$work/file.c" || fail "$compiler -std=$standard"
  printf 'compiled: %s -std=%s\n' "$compiler" "$standard"
}

for compiler in gcc clang-16; do
  for standard in c99 c11; do
    compile "$compiler" c "$standard" -Wstrict-prototypes -Wmissing-prototypes -Wc++-compat
  done
done
for compiler in g++ clang++-16; do
  for standard in c++11 c++17 c++20; do
    compile "$compiler" c++ "$standard" -Wold-style-cast
  done
done
