#!/usr/bin/env bash
# A Bayer frame through examples/band_pipeline.c gives a whole NV12 frame, the same each time, with a short latency.
#
# usage: band_pipeline.sh PROGRAM
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
program=$1
head -c $((320 * 480 * 2)) /dev/urandom >"$work/bayer"
for run in a b; do "$program" 320 480 "$work/$run" <"$work/bayer" 2>"$work/said"; done
cat "$work/said"
[ "$(wc -c <"$work/a")" -eq $((320 * 480 * 3 / 2)) ] || fail "the frame has $(wc -c <"$work/a") bytes"
cmp "$work/a" "$work/b"
latency=$(sed -n 's/^\([0-9]*\) rows of latency.*/\1/p' "$work/said")
[ "$latency" -lt 60 ] || fail "a latency of $latency rows of 240"
if head -c 100000 "$work/bayer" | "$program" 320 480 "$work/c" 2>"$work/said"; then fail "half a frame is no error"; fi
grep -q "the sensor stopped" "$work/said" || fail "no reason"
