#!/bin/sh
# record.sh BUILD [FILE]: writes down the ABI of the library in BUILD/abi, by default as that of the last release.
# It has no paths, lines or libraries of the machine that built it: only what callers depend on.
set -eu
[ $# -ge 1 ] || { echo "usage: $0 BUILD [FILE]" >&2; exit 2; }
here=$(dirname "$0")
library=$(find "$1/abi" -name 'liblanecrypt.so.[0-9]*' | sort | head -n 1)
[ -n "$library" ] || { echo "$1/abi has no library: build the target lanecrypt_abi" >&2; exit 1; }
abidw --exported-interfaces-only --headers-dir "$here/../include" --drop-private-types --no-corpus-path \
  --no-comp-dir-path --no-show-locs --no-elf-needed --out-file "${2:-$here/$(basename "$library")-$(uname -m).abi}" "$library"
