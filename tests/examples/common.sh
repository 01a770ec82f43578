# Sourced by the tests of examples: a folder of their own, and an end that shows what the example said.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
fail() {
    echo "$*"
    cat "$work/said"
    exit 1
}
