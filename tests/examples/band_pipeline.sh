#!/usr/bin/env bash
# A Bayer frame through examples/band_pipeline.c gives a whole NV12 frame, the same each time, with a short latency.
#
# usage: band_pipeline.sh PROGRAM
set -euo pipefail
program=$1
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
head -c $((320 * 480 * 2)) /dev/urandom >"$work/bayer"
for run in a b; do "$program" 320 480 "$work/$run" <"$work/bayer" 2>"$work/said"; done
cat "$work/said"
[ "$(wc -c <"$work/a")" -eq $((320 * 480 * 3 / 2)) ] || { echo "the frame has $(wc -c <"$work/a") bytes"; exit 1; }
cmp "$work/a" "$work/b"
latency=$(sed -n 's/^\([0-9]*\) rows of latency.*/\1/p' "$work/said")
[ "$latency" -lt 60 ] || { echo "a latency of $latency rows of 240"; exit 1; }
if head -c 100000 "$work/bayer" | "$program" 320 480 "$work/c" 2>"$work/said"; then
    echo "half a frame is no error"
    exit 1
fi
grep -q "the sensor stopped" "$work/said"
