#!/usr/bin/env bash
# examples/opencv_mat.cpp writes the pixels that the command-line tool does: of a photo, of a part of it (a Mat whose rows
# lie apart), and with transparency. What is no picture, or no part of it, is one sentence.
#
# usage: opencv_mat.sh PROGRAM SAME_MAT TOOL SAMPLES
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"
program=$1 same=$2 tool=$3 samples=$4
photo=$samples/train/red_door.png
check() {
    "$tool" upscale "$1" "$work/expected.png" --model edsr_small_x2 --overwrite >"$work/said" 2>&1 || fail "the tool failed"
    "$same" compare "$work/out.png" "$work/expected.png" 2>"$work/said" || fail "other pixels than the tool's: $2"
}
"$program" "$photo" "$work/out.png" 2>"$work/said" || fail "a photo failed"
grep -q "^64 channels" "$work/said" || fail "not 64 channels"
check "$photo" "a photo"
"$same" cut "$photo" 101 37 53 41 "$work/part.png"
"$program" "$photo" "$work/out.png" 101 37 53 41 2>"$work/said" || fail "a part failed"
check "$work/part.png" "a part"
"$same" compare "$work/part.png" "$work/out.png" 2>"$work/said" && fail "the comparison takes everything"
"$same" veil "$work/part.png" "$work/veiled.png"
"$program" "$work/veiled.png" "$work/out.png" 2>"$work/said" || fail "transparency failed"
check "$work/veiled.png" "transparency"
for part in "250 0 10 10" "-1 0 10 10" "0 0 0 10"; do
    # shellcheck disable=SC2086  # four numbers
    if "$program" "$photo" "$work/none.png" $part 2>"$work/said"; then fail "$part is no error"; fi
    grep -q "not within the picture" "$work/said" || fail "no reason"
done
if "$program" "$0" "$work/none.png" 2>"$work/said"; then fail "a script is a picture"; fi
[ ! -e "$work/none.png" ] || fail "a result of nothing"
