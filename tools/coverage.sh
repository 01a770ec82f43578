#!/usr/bin/env bash
# Measures the line coverage of the hand-written code that ships and of the programs around it, in its own build tree.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

tree=$build/coverage
cd "$root"
run_logged "$build/logs/coverage-configure.log" "configuring failed; a CMake error above names what is missing" \
    cmake --preset coverage
say "Building with counters in build/coverage"
cmake --build "$tree" --parallel "$jobs"
find "$tree" -name '*.gcda' -delete
say "Testing"
ctest --test-dir "$tree" --parallel "$jobs" --output-on-failure --label-exclude 'extended|consumer'
say "Line coverage"
folders=(base cli extras host networks plugins runtime trainer weights)
gcovr --root "$root" --object-directory "$tree" "${folders[@]/#/--filter=}" --exclude-throw-branches \
    --txt "$tree/coverage.txt" --html-details "$tree/coverage.html" "${folders[@]/#/$tree/}"
# Prints file, lines, covered lines and their share; the pages list the lines that are not covered.
awk '/^(base|cli|extras|host|networks|plugins|runtime|trainer|weights|TOTAL)/ { printf "%-44s %6s %6s %5s\n", $1, $2, $3, $4 }' "$tree/coverage.txt"
say "Line by line: build/coverage/coverage.html"
