#!/usr/bin/env bash
# find_package(Halide 21) finds Halide 21 and loads Halide 19, where another Python environment with 19 is active.
#
# Guess: The package that CMAKE_PREFIX_PATH names is the one that is used: its version is checked, its library linked.
# What happens: The file that has the version is a relay, which asks CMake for a Python and includes the targets from
#   that Python's site-packages. With an environment active that has Halide 19, Halide_VERSION is 21.0.0, Halide_DIR
#   lies in the environment that was named, and Halide::Halide is libHalide.so of 19. Nothing is reported. Where no
#   environment is active, or Python_EXECUTABLE names the right one, it is 21. (The relay also wants CMake 3.28 and
#   Python's headers, for projects of C++ alone.)
# Versions: halide 21.0.0 and 19.0.0, cmake 3.31.6 (all of PyPI), g++ 12.2
# Why it matters: A build that says version 21 and asks for it makes the code of 19, or fails in headers that are of
#   another version than all messages say.
set -euo pipefail
needs() {  # Debian package, version prefix
    version=$(dpkg-query -W -f '${Version}' "$1" 2>/dev/null) || { echo "needs Debian package $1" >&2; exit 2; }
    echo "$1 $version"
    case $version in "$2"*) ;; *) echo "made for $1 $2*" >&2; exit 2 ;; esac
}
needs g++-12 12.2.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
unset VIRTUAL_ENV CONDA_PREFIX CMAKE_PREFIX_PATH
for package in cmake==3.31.6 halide==19.0.0 halide==21.0.0; do
    python3 -m venv "$package"
    "$package/bin/pip" install -q --no-compile --disable-pip-version-check --no-deps "$package"
done
python3 -c 'import os, sys, sysconfig
header = os.path.join(sysconfig.get_path("include"), "Python.h")
sys.exit(0 if os.path.exists(header) else "needs the headers of python3: " + header)' || exit 2
mkdir project
cat > project/CMakeLists.txt <<'EOF'
cmake_minimum_required(VERSION 3.28)
project(versions LANGUAGES CXX)
find_package(Halide 21 REQUIRED)
get_target_property(library Halide::Halide IMPORTED_LOCATION_RELEASE)
message(STATUS "Halide_VERSION ${Halide_VERSION}, library of ${library}")
EOF
changed=0
show() {  # what, stated, active environment, further options
    what=$1 stated=$2 active=$3
    shift 3
    rm -rf build
    seen=$(
        if [ -n "$active" ]; then export VIRTUAL_ENV=$work/$active PATH=$work/$active/bin:$PATH; fi
        "$work/cmake==3.31.6/bin/cmake" -S project -B build -DCMAKE_CXX_COMPILER=g++-12 \
            -DCMAKE_PREFIX_PATH="$work/halide==21.0.0" "$@" 2>&1 |
            sed -nE "s|^-- (Halide_VERSION.* library of )$work/([^/]*)/.*|\1\2|p"
    )
    printf '%s\n  expected: %s\n  seen:     %s\n' "$what" "Halide_VERSION 21.0.0, library of halide==21.0.0" "$seen"
    [ "$seen" = "Halide_VERSION 21.0.0, library of $stated" ] || { echo "  no longer as stated"; changed=1; }
}
show "CMAKE_PREFIX_PATH names 21, the environment of 19 is active" halide==19.0.0 halide==19.0.0
show "the same, and Python_EXECUTABLE is that of 21" halide==21.0.0 halide==19.0.0 \
    -DPython_EXECUTABLE="$work/halide==21.0.0/bin/python"
show "the same, and Halide_DIR names 21" halide==19.0.0 halide==19.0.0 \
    -DHalide_DIR="$work/halide==21.0.0/share/cmake/Halide"
show "CMAKE_PREFIX_PATH names 21, none is active" halide==21.0.0 ""
exit "$changed"
