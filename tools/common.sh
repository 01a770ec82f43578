# shellcheck shell=bash disable=SC2034  # the scripts that source this use its variables
# Sourced by every script here: where things are, and how steps and failures are printed.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
build=$root/build
venv=$build/venv
jobs=${JOBS:-$(nproc)}
export PATH=$venv/bin:$PATH

# Prints a step, in one line.
say() { printf '== %s\n' "$*"; }

# Prints a sentence that says what to do, and ends the script.
fail() {
    printf 'slimscale: %s\n' "$*" >&2
    exit 1
}

# run_logged LOG SENTENCE COMMAND... runs a command quietly; if it fails, prints the end of the log and the sentence.
run_logged() {
    local log=$1 sentence=$2
    shift 2
    mkdir -p "$(dirname "$log")"
    if ! "$@" >"$log" 2>&1; then
        tail -n 30 "$log" >&2
        fail "$sentence (whole output: $log)"
    fi
}
