#!/usr/bin/env bash
# Runs clang-tidy's allow-list (.clang-tidy) over every source file that the release tree compiles.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

cd "$root"
files=()
while IFS= read -r -d '' file; do
    ! grep -qF "\"$root/$file\"" "$build/compile_commands.json" || files+=("$file")
done < <(git ls-files -z '*.c' '*.cpp')
[ ${#files[@]} -gt 0 ] || fail "build/compile_commands.json names no file of $root; run make build in this folder first"
# clang cannot read g++'s precompiled headers, and lacks some of its options.
mkdir -p "$build/tidy"
sed -E 's/ -Winvalid-pch| -fno-gnu-unique| -include [^ ]*cmake_pch\.hxx//g' "$build/compile_commands.json" \
    >"$build/tidy/compile_commands.json"
printf '%s\0' "${files[@]}" |
    xargs -0 --max-procs "$jobs" --max-args 1 clang-tidy --quiet -p "$build/tidy" --warnings-as-errors='*'
