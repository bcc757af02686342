#!/bin/sh
# package.sh FOLDER [PYTHON...]: makes lanecrypt-crowbar-pyVERSION-ARCHITECTURE.zip in FOLDER for each of the Pythons (paths): by
# default for 3.12 and 3.13, as far as they are at hand. A module fits one version of Python, so each has a build folder
# of its own. Where neither is at hand, the zip is for the Python of .venv.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 FOLDER [PYTHON...]" >&2; exit 2; }
mkdir -p "$1"
dist=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/../.."
tools=$PWD/.venv/bin/python
# Every Python's module has the same handler and kernel: ccache compiles them once.
export CCACHE_DIR="$PWD/build/ccache"

make_zip() {
  tag=$("$1" -c 'import sys; print("py%d%d" % sys.version_info[:2])')
  build=build/crowbar-$tag
  cmake -S . -B "$build" -G Ninja --log-level=WARNING -D CMAKE_BUILD_TYPE=Release -D LANECRYPT_WERROR=ON \
    -D CMAKE_CXX_COMPILER_LAUNCHER=ccache -D LANECRYPT_PYTHON=ON -D LANECRYPT_TESTS=OFF -D LANECRYPT_BENCH=OFF \
    -D Python_EXECUTABLE="$1" -D pybind11_DIR="$("$tools" -m pybind11 --cmakedir)" >/dev/null
  cmake --build "$build" --target liblambda
  cmake -D DIST="$dist" -P "$build/python/liblambda/package.cmake"
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
for python in "$@"; do make_zip "$python"; done
