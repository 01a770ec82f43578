#!/usr/bin/env bash
# Frames of a file through examples/v4l2_camera.c, as a camera delivers them (video_device.c): the bytes are those of
# examples/nv12_4k.c on the same frames; a camera that is unplugged, that is none, or that has no NV12 is an error.
#
# usage: v4l2_camera.sh PROGRAM DEVICE REFERENCE
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
program=$1 device=$2 reference=$3
head -c $((5 * 70 * 46 * 3 / 2)) /dev/urandom >"$work/frames"
"$reference" 70 46 <"$work/frames" >"$work/expected" 2>"$work/said" || fail "the reference failed"
camera() { CAMERA_FILE=$work/frames LD_PRELOAD=$device "$program" "$@" 2>"$work/said"; }

# 71x47 are asked for: a camera rounds, too.
camera /dev/video-test 71 47 0 5 >"$work/out" || fail "five frames failed"
cmp "$work/out" "$work/expected"
[ "$(grep -c '^16 channels' "$work/said")" -eq 5 ] || fail "not 16 channels"

camera /dev/video-test 70 46 10 3 >"$work/out" || fail "ten frames per second failed"
[ "$(wc -c <"$work/out")" -eq $((3 * 4 * 70 * 46 * 3 / 2)) ] || fail "three frames are $(wc -c <"$work/out") bytes"

if camera /dev/video-test 70 46 0 6 >"$work/out"; then fail "a camera that is gone is no error"; fi
grep -q "frame: No such device" "$work/said" || fail "no reason"
cmp "$work/out" "$work/expected"
if CAMERA_FORMAT=YUYV camera /dev/video-test 70 46 0 1; then fail "a camera without NV12 is no error"; fi
grep -q "does not deliver NV12" "$work/said" || fail "no reason"
if camera /dev/null 70 46 0 1; then fail "no camera is no error"; fi
