#!/usr/bin/env bash
# Runs clang-tidy's allow-list (.clang-tidy) over every source file that the release tree compiles.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cd "$root"
git ls-files -z '*.c' '*.cpp' |
    while IFS= read -r -d '' file; do
        ! grep -q "\"$root/$file\"" "$build/compile_commands.json" || printf '%s\0' "$file"
    done |
    xargs -0 --no-run-if-empty --max-procs "$jobs" --max-args 1 clang-tidy --quiet -p "$build" --warnings-as-errors='*'
