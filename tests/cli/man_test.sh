#!/usr/bin/env bash
# cli/man_pages.sh: a page for each command, which says every option of its help, and which man shows without a warning.
#
# usage: tests/cli/man_test.sh TOOL
set -euo pipefail
tool=$(realpath "$1")
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
command -v help2man >/dev/null || { echo "[SKIP] there is no help2man here"; exit 0; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$root/cli/man_pages.sh" "$tool" "$work"

failed=0
fault() {
    echo "$1"
    failed=1
}
for command in "" upscale video profile info evaluate quantize completion; do
    page=$work/slimscale${command:+-$command}.1
    [ -s "$page" ] || { fault "there is no page $page"; continue; }
    # shellcheck disable=SC2086  # no word where there is no command
    for option in $("$tool" $command --help | grep -oE '^  (-[a-z],)?--[a-z-]+' | grep -oE -e '--[a-z-]+'); do
        grep -qF "\\fB${option//-/\\-}\\fR" "$page" || fault "$page does not say $option"
    done
    grep -q '^\.SH NAME' "$page" || fault "$page has no name"
    if command -v man >/dev/null; then
        said=$(MANWIDTH=80 man -E UTF-8 --warnings -l "$page" 2>&1 >/dev/null)
        [ -z "$said" ] || fault "$page: $said"
    fi
done
[ "$(find "$work" -name '*.1' | wc -l)" = 8 ] || fault "there are other pages: $(ls "$work")"
grep -q '^slimscale evaluate Set5/' "$work/slimscale.1" || fault "the examples are no paragraphs of their own"
exit $failed
