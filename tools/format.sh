#!/usr/bin/env bash
# Formats every C and C++ file of the repository in place with the pinned clang-format, or with --check says what differs.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cd "$root"
git rev-parse --is-inside-work-tree >/dev/null 2>&1 || { echo "[SKIP] no git here to list the sources"; exit 0; }
sources() { git ls-files -z '*.c' '*.h' '*.cpp'; }

if [ "${1:-}" != --check ]; then
    sources | xargs -0 clang-format -i
    exit
fi

# clang-format does not break long strings and some comments.
long=$(sources | xargs -0 awk 'length > 120 { print FILENAME ":" FNR ": longer than 120 columns" }' |
    grep -v -e ^schedules/ -e ^generators/blocks/ || true)
if ! sources | xargs -0 clang-format --dry-run --Werror || [ -n "$long" ]; then
    [ -z "$long" ] || printf '%s\n' "$long" >&2
    fail "formatting differs; run: make format"
fi
