#!/usr/bin/env bash
# The API reference has no warnings and a page for what it should; and what is undocumented, and a comment that names
# nothing, are found.
#
# usage: reference_test.sh
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd -P)
if ! command -v doxygen >/dev/null; then
    echo "[SKIP] doxygen is missing: tools/setup.sh test installs it"
    exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/docs" "$work/tools" "$work/runtime"
cp "$root/docs/Doxyfile" "$work/docs"
cp "$root/tools/common.sh" "$root/tools/reference.sh" "$root/tools/doxygen_filter.py" "$work/tools"
cp -r "$root/runtime/include" "$work/runtime"
header=$work/runtime/include/slimscale/slimscale.h

fail() {
    echo "$*"
    cat "$work/said"
    exit 1
}
"$work/tools/reference.sh" >"$work/said" 2>&1 || fail "warnings"
pages=$work/build/reference/html
for text in slimscale_open slimscale_begin_rows slimscale_self_test_result SLIMSCALE_REPORT_INIT; do
    grep -rq "$text" "$pages" || fail "no $text in $pages"
done
grep -q "Nothing is printed" "$pages/index.html" || fail "the main page lacks the rules"

faulty() { # <what Doxygen says> <line of the header> <what to put there>
    cp "$root/runtime/include/slimscale/slimscale.h" "$header"
    sed -i "s@$2@$3@" "$header"
    ! cmp -s "$header" "$root/runtime/include/slimscale/slimscale.h" || fail "no line $2"
    if "$work/tools/reference.sh" >"$work/said" 2>&1; then fail "no error: $3"; fi
    grep -q "$1" "$work/said" || fail "it does not say: $1"
}
faulty "slimscale_hidden.*is not documented" "^slimscale_status slimscale_synchronize.*" "&\nint slimscale_hidden(void);"
faulty "slimscale_gone" "^// Waits for what slimscale_run has enqueued" "// Waits for what slimscale_gone has enqueued"
faulty "SLIMSCALE_GONE" "^// Waits for what slimscale_run has enqueued" "// Waits for SLIMSCALE_GONE, which slimscale_run has enqueued"
