#!/usr/bin/env bash
# Line coverage of the hand-written code that ships or feeds it: runtime/, weights/, networks/. Has its own build tree.
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
gcovr --root "$root" --object-directory "$tree" --filter 'runtime/' --filter 'weights/' --filter 'networks/' \
    --exclude-throw-branches --html-details "$tree/coverage.html" --print-summary "$tree" | tee "$tree/coverage.txt"
say "Line by line: build/coverage/coverage.html"
