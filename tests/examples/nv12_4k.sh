#!/usr/bin/env bash
# 1080p NV12 to 4K by examples/nv12_4k.c, which has fewer than 60 lines, takes less than 64 MB of resident memory, and writes
# a frame for every frame that it reads.
#
# usage: nv12_4k.sh PROGRAM SOURCE
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
program=$1 source=$2
wc -l <"$source" >"$work/said"
[ "$(cat "$work/said")" -lt 60 ] || fail "too many lines in $source"
frame=$((1920 * 1080 * 3 / 2))
head -c $((2 * frame)) /dev/urandom | "$program" 1920 1080 2>"$work/said" | wc -c >"$work/bytes"
[ "$(cat "$work/bytes")" -eq $((2 * 4 * frame)) ] || fail "two frames give $(cat "$work/bytes") bytes"
resident=$(sed -n 's/^\([0-9]*\) KB were resident.*/\1/p' "$work/said")
[ "$resident" -lt $((64 << 10)) ] || fail "too much memory"
cat "$work/said"
