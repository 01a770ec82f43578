# Sourced by the tests of examples: a folder of their own, and an end that shows what the example said.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
export XDG_CACHE_HOME=$work/cache  # without a profile of the user's, by which the tool may take other targets
fail() {
    echo "$*"
    cat "$work/said"
    exit 1
}
