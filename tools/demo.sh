#!/usr/bin/env bash
# The tour: shrinks the sample photo to half as MATLAB's bicubic does, upscales it again and compares with the original.
#
# usage: tools/demo.sh [PHOTO]
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

photo=$(realpath --relative-to="$root" "${1:-$root/samples/koalas.png}")
results=build/demo
model=carn_m_x2

"$root/tools/build.sh" slimscale
cd "$root"
mkdir -p "$results"
say "Shrinking $photo, upscaling it again (build/bin/slimscale evaluate)"
build/bin/slimscale evaluate "$photo" --model "$model" --save "$results"

name=$(basename "${photo%.*}")
say "Upscaled photo: $(echo "$results/${name}_${model}_"*.png)"
say "To compare:     $results/${name}_bicubic.png (bicubic), $results/${name}_lr.png (its input), $photo (the original)"
