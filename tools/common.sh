# shellcheck shell=bash disable=SC2034  # the scripts that source this use its variables
# Sourced by every script here: where things are, and how steps and failures are told.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$root/build
venv=$build/venv
jobs=${JOBS:-$(nproc)}
export PATH=$venv/bin:$PATH

# One line per step.
say() { printf '== %s\n' "$*"; }

# One sentence that says what to do.
fail() {
    printf 'slimscale: %s\n' "$*" >&2
    exit 1
}

# run_logged LOG SENTENCE COMMAND...: quiet while it works; the end of the log and the sentence when it does not.
run_logged() {
    local log=$1 sentence=$2
    shift 2
    mkdir -p "$(dirname "$log")"
    if ! "$@" >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        fail "$sentence (whole output: $log)"
    fi
}
