#!/usr/bin/env bash
# examples/cuda_stream.c over the stand-in for CUDA's driver: every frame is copied twice, a frame is waited for once and
# not more often, and nothing is called wrongly or left behind. A machine without a device is one sentence.
#
# usage: cuda_stream.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
head -c $((3 * 21 * 13 * 3)) /dev/urandom | "$1" 21 13 >"$work/out" 2>"$work/said" || fail "three frames failed"
cat "$work/said"
[ "$(wc -c <"$work/out")" -eq $((3 * 4 * 21 * 13 * 3)) ] || fail "three frames are $(wc -c <"$work/out") bytes"
grep -q " 0 streams and 0 contexts left, 0 faults , launched$" "$work/said" || fail "other calls"
: | "$1" 21 13 >"$work/none" 2>"$work/idle" || fail "no frame is an error"
cat "$work/idle"
# A frame adds two copies and one wait to those of open, plan and close.
count() { grep -oE "[0-9]+ $1" "$2" | cut -d ' ' -f 1; }
added() { echo $(($(count "$1" "$work/said") - $(count "$1" "$work/idle"))); }
[ "$(added copies)" -eq 6 ] || fail "three frames are $(added copies) copies"
[ "$(added waits)" -eq 3 ] || fail "three frames are $(added waits) waits"
