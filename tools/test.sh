#!/usr/bin/env bash
# Runs the built tests and ends with CTest's own summary and exit status.
#
# usage: tools/test.sh quick|all
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

size=${1:-quick}
selection=()
if [ "$size" = quick ]; then
    selection=(--label-exclude extended)
    left_out=$(ctest --test-dir "$build" --show-only --label-regex extended | sed -n 's/^ *Test *#[0-9]*: //p' | paste -sd' ')
    say "Left out, run by \`make test-all\`: ${left_out:-nothing}"
fi
say "Testing"
exec ctest --test-dir "$build" --parallel "$jobs" --output-on-failure --no-tests=error "${selection[@]}"
