#!/usr/bin/env bash
# Formats every C and C++ file of the repository in place, or with --check only says which ones differ.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

mode=-i
[ "${1:-}" != --check ] || mode="--dry-run --Werror"
cd "$root"
# shellcheck disable=SC2086  # two options in one word
git ls-files -z '*.c' '*.h' '*.cpp' '*.hpp' | xargs -0 --no-run-if-empty clang-format $mode
