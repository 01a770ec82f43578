#!/usr/bin/env bash
# The tool takes large photos in rows: what is resident does not grow with the height, and the files are those of whole
# images. With "whole", a photo of 201 megapixels takes less than 400 MB at 16 channels, as a PNG and as a JPEG (minutes,
# and 3 GB of disk).
#
# usage: large_photo.sh TOOL LARGE_PHOTO [whole]
set -euo pipefail
tool=$1 helper=$2
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
# Prints the kilobytes that were resident; the tool's line goes to "said".
resident() {
    "$helper" peak "$tool" upscale "$@" --model edsr_small_x2 --width 16 2>"$work/said" || { cat "$work/said" >&2; exit 1; }
}

if [ "${3:-}" = whole ]; then
    for ending in jpg png; do
        "$helper" make 16384 12288 "$work/large.$ending"
        peak=$(resident "$work/large.$ending" "$work/result.$ending" --threads 2)
        cat "$work/said"
        echo "$ending: $((peak / 1024)) MB resident, $(wc -c <"$work/result.$ending") bytes written"
        [ "$peak" -lt 400000 ] || exit 1
        rm "$work"/*.$ending
    done
    exit
fi

for ending in jpg png; do
    for height in 1024 4096; do
        "$helper" make 1024 $height "$work/$height.$ending"
        peak=$(resident "$work/$height.$ending" "$work/rows.$ending" --memory 14M --overwrite)
        echo "$ending, $height rows: $peak KB"
        if [ $height = 1024 ]; then
            low=$peak
            resident "$work/$height.$ending" "$work/whole.$ending" --overwrite >/dev/null
            [ $ending = jpg ] || cmp "$work/rows.$ending" "$work/whole.$ending"  # a JPEG's tables depend on --memory
        fi
    done
    # 3072 rows more are 9 MB of input and 38 MB of result.
    [ $((peak - low)) -lt 6000 ] || { echo "what is resident grows with the height"; exit 1; }
done
