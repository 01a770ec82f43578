#!/bin/sh
# usage: find_package.sh PREFIX SOURCES WORK   builds and runs the consumer against an installed slimscale
set -eu
rm -rf "$3"
"${CMAKE:-cmake}" -S "$2/find_package" -B "$3" -DCMAKE_PREFIX_PATH="$1"
"${CMAKE:-cmake}" --build "$3"
"$3/upscale"
