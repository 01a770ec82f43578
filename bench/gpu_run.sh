#!/usr/bin/env bash
# Runs what bench/gpu_bundle.sh packed, on a machine with an NVIDIA GPU: tests first, then times, then training. Needs g++
# and a Python with PyTorch for CUDA and numpy; builds in BUILD (default /tmp).
#
#     run.sh RESULTS [MINUTES]     MINUTES of training; 0, the default: none
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
results=${1:?usage: run.sh RESULTS [MINUTES]}
minutes=${2:-0}
work=$(mktemp -d "${BUILD:-/tmp}/slimscale-XXXXXX")
sizes=${SIZES:-426x240,640x360,1920x1080}
mkdir -p "$results"

say() { printf '== %s\n' "$*"; }
failures=()
attempt() { # NAME COMMAND...: prints the output, also into RESULTS/NAME.log; a failure does not end the script
    local name=$1
    shift
    say "$name"
    "$@" 2>&1 | tee "$results/$name.log" || failures+=("$name")
}

nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader | tee "$results/gpu.txt"
for part in bin source python; do tar --extract --xz --directory "$work" --file "$here/$part.tar.xz"; done

attempt info "$work/bin/slimscale" info
for test in "$work"/bin/test_cuda_*; do attempt "$(basename "$test")" "$test"; done
attempt widths "$work/bin/bench_widths" --targets cuda,cuda_f16 --sizes "$sizes" --json "$results/widths.json"
attempt pipelines "$work/bin/bench_pipelines" --targets cuda,cuda_f16 --json "$results/pipelines.json"
if python3 -c 'import torch, numpy' 2>/dev/null; then
    mkdir -p "$work/python/build" && ln -sfn "$work/bin" "$work/python/build/bin"
    # shellcheck disable=SC2046,SC2086  # one word per file and size
    attempt torch python3 "$work/python/bench/gpu_torch.py" --model $(ls "$work"/python/weights/zoo/*.safetensors) \
        --sizes ${sizes//,/ } --json "$results/torch.json"
fi

train() {
    local torch sources
    torch=$(python3 -c 'import pathlib, torch; print(pathlib.Path(torch.__file__).parent)')
    cd "$work/source"
    sources=$(find base networks weights extras trainer -name '*.cpp' ! -name '*_main.cpp' ! -path '*/distributed/*')
    # One process needs neither Gloo nor NCCL.
    sources="$sources trainer/distributed/place.cpp trainer/distributed/processes.cpp trainer/distributed/no_group.cpp trainer/distributed/agreement.cpp"
    # shellcheck disable=SC2086
    printf '%s\n' $sources | xargs -P "$(nproc)" -I{} sh -c \
        'g++ -std=c++20 -O2 -w -c -I. -Iinclude -isystem '"$torch"'/include -isystem '"$torch"'/include/torch/csrc/api/include -o "$(echo {} | tr / _).o" {}'
    g++ -o slimscale_train ./*.o lib/libpng16.a lib/libjpeg.a lib/libz.a -L"$torch/lib" -Wl,-rpath,"$torch/lib" \
        -Wl,--allow-shlib-undefined -Wl,--no-as-needed -ltorch_cpu -lc10 -Wl,--as-needed -ldl -lpthread
    if [ -f "$here/run/checkpoint.safetensors" ]; then
        cp -r "$here/run" "$results/run"
        ./slimscale_train --config "$results/run/options.toml" --data "$here/patches" --out "$results/run" --device "${DEVICE:-cuda}" \
            --minutes "$minutes" --resume
    else
        # shellcheck disable=SC2086
        ./slimscale_train --data "$here/patches" --out "$results/run" --device "${DEVICE:-cuda}" --minutes "$minutes" ${TRAIN:-}
    fi
}
[ "$minutes" = 0 ] || [ ! -d "$here/patches" ] || attempt training train

rm -rf "$work"
[ ${#failures[@]} -eq 0 ] || { printf 'failed: %s\n' "${failures[*]}" >&2; exit 1; }
