#!/bin/sh
# package.sh FOLDER [PYTHON...]: with the paths of some Pythons, makes lanecrypt-crowbar-pyVERSION-ARCHITECTURE.zip in FOLDER for each of the Pythons: by
# default for 3.12 and 3.13, as far as they are at hand (on PATH or pyenv's). A module fits one version of Python, so
# each has a build folder of its own. Where neither is at hand, the zip is for the Python of .venv.
set -eu
[ $# -gt 0 ] || { echo "usage: $0 FOLDER [PYTHON...]" >&2; exit 2; }
mkdir -p "$1"
dist=$(cd "$1" && pwd)
shift
cd "$(dirname "$0")/../.."
tools=$PWD/.venv/bin/python

# Prints the path of a Python 3.NN with headers; fails if there is none. pyenv's shims on PATH do not run for versions that
# are not switched on.
find_python() {
  for candidate in "$(command -v "python$1" || :)" "${PYENV_ROOT:-${HOME:-}/.pyenv}"/versions/"$1".*/bin/"python$1"; do
    "$candidate" 2>/dev/null -c '
import os, sys, sysconfig
os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")) or sys.exit(1)
print(sys.executable)' && return
  done
  return 1
}

make_zip() {
  tag=$("$1" -c 'import sys; print("py%d%d" % sys.version_info[:2])')
  build=build/crowbar-$tag
  cmake -S . -B "$build" -G Ninja --log-level=WARNING -D CMAKE_BUILD_TYPE=Release -D LANECRYPT_WERROR=ON \
    -D LANECRYPT_PYTHON=ON -D LANECRYPT_TESTS=OFF -D LANECRYPT_BENCH=OFF \
    -D Python_EXECUTABLE="$1" -D pybind11_DIR="$("$tools" -m pybind11 --cmakedir)" >/dev/null
  cmake --build "$build" --target liblambda
  cmake -D DIST="$dist" -P "$build/python/liblambda/package.cmake"
}

if [ $# -eq 0 ]; then
  for version in 3.12 3.13; do
    if python=$(find_python "$version"); then
      set -- "$@" "$python"
    else
      echo "No Python $version with headers is here, so there is no zip for Lambda's python$version."
    fi
  done
  if [ $# -eq 0 ]; then
    set -- "$tools"
    echo "The zip is for $("$tools" --version) instead."
  fi
fi
for python in "$@"; do make_zip "$python"; done
