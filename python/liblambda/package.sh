#!/bin/sh
# package.sh [-l] [-a x86_64 | -a arm64] FOLDER [PYTHON...]: makes lanecrypt-crowbar-pyVERSION-ARCHITECTURE.zip in FOLDER
# for each of the Pythons (paths): by default for 3.12 and 3.13, as far as they are at hand. With -l also the layer,
# lanecrypt-layer-pyVERSION-ARCHITECTURE.zip. A module fits one version of Python, so each has a build folder of its own.
# Where neither is at hand, the zip is for the Python of .venv. Without -a it is for this machine's architecture.
set -eu
usage() { echo "usage: $0 [-l] [-a x86_64 | -a arm64] FOLDER [PYTHON...]" >&2; exit 2; }
native=$(uname -m | sed s/aarch64/arm64/)
architecture=$native
layer=
while getopts la: option; do
  case $option in
    l) layer=1 ;;
    a) architecture=$OPTARG ;;
    *) usage ;;
  esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || usage
mkdir -p "$1"
dist=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/../.."
tools=$PWD/.venv/bin/python
# Every Python's modules have the same handler and kernel: ccache compiles them once.
export CCACHE_DIR="$PWD/build/ccache"

make_zips() {
  tag=$("$1" -c 'import sys; print("py%d%d" % sys.version_info[:2])')
  build=build/crowbar-$tag
  preset=release
  if [ "$architecture" != "$native" ]; then
    build=$build-$architecture
    preset=$architecture # a preset of that name, which compiles for it
  fi
  cmake --preset "$preset" -B "$build" --log-level=WARNING \
    -D CMAKE_CXX_COMPILER_LAUNCHER=ccache -D LANECRYPT_PYTHON=ON -D LANECRYPT_TESTS=OFF -D LANECRYPT_BENCH=OFF \
    -D Python_EXECUTABLE="$1" -D pybind11_DIR="$("$tools" -m pybind11 --cmakedir)" >/dev/null
  cmake --build "$build" --target liblambda ${layer:+_core}
  cmake -D DIST="$dist" -P "$build/python/liblambda/package.cmake"
  [ -z "$layer" ] || cmake -D DIST="$dist" -P "$build/python/layer.cmake"
}

if [ $# -eq 0 ]; then
  found=$("$tools" python/packaging/pythons.py 3.12 3.13)
  # The unquoted answer is a list of paths.
  # shellcheck disable=SC2086
  set -- $found
fi
if [ $# -eq 0 ]; then
  echo "Neither Python 3.12 nor 3.13 with headers is here, so there is no zip for Lambda's Python runtimes."
  set -- "$tools"
  echo "The zip is for $("$tools" --version) instead."
fi
for python in "$@"; do make_zips "$python"; done
