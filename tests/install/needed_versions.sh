#!/bin/sh
# needed_versions.sh: the library asks for no symbol newer than AWS Lambda's images have (glibc 2.34, GLIBCXX 3.4.29).
# shellcheck source-path=SCRIPTDIR source=common.sh
. "${0%/*}/common.sh"
library=$PREFIX/$LIBDIR/liblanecrypt.so.$VERSION

# at_most PREFIX CEILING
at_most() {
  nm -D "$library" | grep -o "@$1[0-9][0-9.]*" | sed "s/@$1//" | sort -uV >"$work/versions"
  [ -s "$work/versions" ] || fail "no version $1 was found"
  newest=$(tail -n 1 "$work/versions")
  if [ "$(printf '%s\n%s\n' "$2" "$newest" | sort -V | tail -n 1)" != "$2" ]; then
    nm -DC "$library" | grep "@$1$newest"
    fail "needs $1$newest, and $1$2 is the ceiling"
  fi
  printf '%s%s (ceiling %s)\n' "$1" "$newest" "$2"
}

at_most GLIBC_ 2.34
at_most GLIBCXX_ 3.4.29
at_most CXXABI_ 1.3.13
at_most GCC_ 12.0.0
at_most GOMP_ 5.0.1
