#!/usr/bin/env bash
# Configures the release tree (build/) and builds the named targets, or everything.
#
# usage: tools/build.sh [--tests] [TARGET...]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# A tree that once had tests keeps them, so that `make demo` and `make test` alternate without rebuilding.
options=()
if [ "${1:-}" = --tests ]; then
    options=(-DSLIMSCALE_TESTS=ON -DSLIMSCALE_PYTHON=ON)
    shift
elif [ ! -f "$build/CMakeCache.txt" ]; then
    options=(-DSLIMSCALE_TESTS=OFF)
fi

cd "$root"
[ -f "$build/build.ninja" ] || say "Configuring build/"
run_logged "$build/logs/configure.log" "configuring failed; a CMake error above names what is missing" \
    cmake --preset release "${options[@]}"
say "Building ${*:-everything} with $jobs jobs"
cmake --build "$build" --parallel "$jobs" ${1:+--target "$@"}
