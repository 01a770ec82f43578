#!/usr/bin/env bash
# Without arguments, the tour: trains a tiny network of two widths on the sample photos, compiles both and measures them on
# a photo that it never saw. With arguments: slimscale_train with these.
#
# usage: tools/train.sh [OPTION...]      options: build/bin/slimscale_train --help
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

"$root/tools/build.sh" slimscale_train
if [ $# -gt 0 ]; then
    exec "$build/bin/slimscale_train" "$@"
fi

cd "$root"
results=build/train
name=tiny_x2
say "Training $name, widths 8 and 16, on samples/train (build/bin/slimscale_train)"
build/bin/slimscale_train --network edsr_small --name tiny --channels 16 --blocks 3 --scale 2 --widths 8,16 \
    --init-style nested --data samples/train --validate samples/koalas.png --validate-every 500 \
    --patch 48 --batch 8 --steps 2000 --learning-rate 3e-3 --warmup 50 --ema 0.99 --clip 100 --seed 1 \
    --license "CC BY-SA 4.0" --source "make train" --out "$results/$name" --fresh
cp "$results/$name/model.safetensors" "$results/$name.safetensors"

say "Compiling it (make generate MODEL=$results/$name.safetensors)"
MODEL=$results/$name.safetensors OUT=$results "$root/tools/generate.sh"

say "Measuring the compiled widths on samples/koalas.png"
"$results/slimscale_$name" evaluate samples/koalas.png --model $name --width all
say "Trained file:      $results/$name.safetensors"
say "Curves and crops:  $results/$name/report.html"
