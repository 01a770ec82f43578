#!/usr/bin/env bash
# Compiles the trained file $MODEL to CUDA kernels and reports what they take: registers, spills, occupancy, hot loops.
# Needs no GPU. WIDTHS, ARCHS and OUT are taken from the environment as well.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ -n "${MODEL:-}" ] || fail "no model named; use: make gpu-report MODEL=<file>.safetensors [WIDTHS=16,64] [ARCHS=75,86] [OUT=<folder>]"
[ -f "$MODEL" ] || fail "$MODEL is no file; MODEL is a trained network (.safetensors)"
"$root/tools/build.sh" slimscale_generate
for folder in "$venv"/lib/python3*/site-packages/nvidia/{cuda_nvcc,cu13}/bin; do
    PATH=$folder:$PATH
done
options=(--model "$MODEL" --out "${OUT:-$build/generated/cuda}" --jobs "$jobs")
[ -z "${WIDTHS:-}" ] || options+=(--widths "$WIDTHS")
[ -z "${ARCHS:-}" ] || options+=(--archs "$ARCHS")
exec "$build/bin/slimscale_generate" gpu-report "${options[@]}"
