#!/usr/bin/env bash
# Builds a tree with sanitizers and runs its tests of what ships and of the tools around it, with models that build/ has
# compiled already; or builds everything with warnings as errors (dev) and runs nothing. The tests with the label sanitizers
# call it. It prints what was found and little else.
#
# usage: tools/sanitize.sh PRESET [TARGET...]     presets: asan, tsan, dev; targets: test programs, everything by default
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

preset=${1:?a preset}
shift
tree=$build/$preset
log=$build/logs/$preset
selection=(--label-exclude 'extended|consumer|sanitizers')
[ $# -eq 0 ] || selection+=(--tests-regex "^($(IFS='|' && echo "$*"))(:|\$)")
export UBSAN_OPTIONS=print_stacktrace=1 TSAN_OPTIONS="die_after_fork=0 suppressions=$root/tests/tsan.supp"

cd "$root"
run_logged "$log-configure.log" "configuring failed; a CMake error above names what is missing" cmake --preset "$preset"
run_logged "$log-build.log" "building failed" cmake --build "$tree" --parallel "$jobs" ${1:+--target "$@"}
if [ "$preset" = dev ]; then
    say "dev: built without a warning"
    exit
fi
start=$SECONDS
if ! ctest --test-dir "$tree" --parallel "$jobs" --output-on-failure --no-tests=error "${selection[@]}" >"$log-tests.log" 2>&1; then
    grep -E -A 25 'ERROR: |WARNING: ThreadSanitizer|runtime error: |FAILED:' "$log-tests.log" | head -n 200 || true
    sed -n '/tests passed/,$p' "$log-tests.log"
    fail "tests of $preset failed (whole output: $log-tests.log)"
fi
say "$preset: $(sed -n 's/^\(100% tests passed\).* out of \([0-9]*\)$/\1, \2 of them/p' "$log-tests.log") in $((SECONDS - start)) s"
