#!/usr/bin/env bash
# Compiles the trained file $MODEL into a model archive, and a command-line tool that contains it (cmake/generate.cmake).
# TARGET, WIDTHS, OUT, NAME, ADD, ARCHS and SCHEDULES are read from the environment too. ADD=1 also adds the model to
# build/bin/slimscale and to what `make install` copies; without it both stay as they are. TARGET=cuda needs neither a GPU
# nor its driver nor nvcc.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

[ -n "${MODEL:-}" ] || fail "no model named; use: make generate MODEL=<file>.safetensors [TARGET=cpu|cuda] [WIDTHS=16,64] [OUT=<folder>] [ADD=1]"
[ -f "$MODEL" ] || fail "$MODEL is no file; MODEL is a trained network (.safetensors)"
"$root/tools/build.sh" slimscale_generate
for folder in "$venv"/lib/python3*/site-packages/nvidia/{cuda_nvcc,cu13}/bin; do # ptxas, nvdisasm
    PATH=$folder:$PATH
done
definitions=(-D "BUILD=$build" -D "MODEL=$MODEL")
for option in TARGET WIDTHS OUT NAME ADD ARCHS SCHEDULES; do
    [ -z "${!option:-}" ] || definitions+=(-D "$option=${!option}")
done
exec cmake "${definitions[@]}" -P "$root/cmake/generate.cmake"
