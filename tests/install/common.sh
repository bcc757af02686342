# shellcheck shell=sh
# common.sh: read by every script here. CTest gives them the environment that is checked below; the examples' and the
# consumer's answers are compared with a published hash of the password "U*U" (crypt_blowfish's own test).
set -eu
: "${SOURCE:?folder of the project}" "${BUILD:?its build tree}" "${VERSION:?the project version}"
: "${PREFIX:?an installed tree that was moved}" "${LIBDIR:?name of its library folder}"
: "${CMAKE:?}" "${GENERATOR:?}" "${CC:?}" "${CXX:?}" "${SYSTEM:?1 if built for a distribution, with libcrypt}"
export CC CXX

# shellcheck disable=SC2034,SC2016 # for the scripts; the dollars are bcrypt's
known_setting='$2b$05$CCCCCCCCCCCCCCCCCCCCC.'
known_hash="${known_setting}E5YPO9kmyuRGyh0XouQYb4YMJKvyOeW"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

fail() {
  printf 'FAIL: %s\n' "$*" >&2
  exit 1
}

# expect WHAT ACTUAL EXPECTED
expect() {
  [ "$2" = "$3" ] || fail "$1: expected
$3
and got
$2"
}

# The consumer prints the same wherever and however it was linked.
expect_consumer() {
  expect "the consumer's answers" "$("$@")" "version $VERSION
hash $known_hash
batch: 20 hashed, 20 verified"
}
