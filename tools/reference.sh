#!/usr/bin/env bash
# Writes the API reference (docs/Doxyfile) into build/reference/html. What is public and not documented, and a comment that
# names what is not there, is a warning of Doxygen's, and fails.
#
# usage: tools/reference.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

command -v doxygen >/dev/null || fail "doxygen is missing: install Debian's package doxygen"
cd "$root"
rm -rf "$build/reference"
mkdir -p "$build/reference"
run_logged "$build/logs/reference.log" "the API reference has warnings" doxygen docs/Doxyfile
say "build/reference/html/index.html"
