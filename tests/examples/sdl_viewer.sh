#!/usr/bin/env bash
# examples/sdl_viewer.c without a screen: the picture read back from the window is the library's own output of the last
# frame (same_picture.c), and not of the one before.
#
# usage: sdl_viewer.sh PROGRAM SAME_PICTURE
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
program=$1 same=$2
export SDL_VIDEODRIVER=dummy
frame=$((66 * 38 * 3 / 2))
for name in a b; do head -c $frame /dev/urandom >"$work/$name"; done
# Half a frame more at the end is not shown.
{ cat "$work/a" "$work/b" && head -c $((frame / 2)) "$work/a"; } >"$work/frames"
"$program" 66 38 0 "$work/picture.bmp" <"$work/frames" 2>"$work/said" || fail "the viewer failed"
"$same" 66 38 "$work/picture.bmp" <"$work/b" >"$work/said" 2>&1 || fail "another picture"
if "$same" 66 38 "$work/picture.bmp" <"$work/a" >"$work/said" 2>&1; then fail "two frames give one picture"; fi

# With a frame rate it waits for each frame's time: five frames at 10 per second take 0.4 seconds.
start=$(date +%s%N)
for _ in 1 2 3 4 5; do cat "$work/a"; done | "$program" 66 38 10 2>"$work/said" || fail "ten frames per second failed"
[ $((($(date +%s%N) - start) / 1000000)) -ge 400 ] || fail "too fast"
if "$program" 66 2>"$work/said"; then fail "no height is no error"; fi
