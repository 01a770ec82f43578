#!/usr/bin/env bash
# Runs everything that a machine with an NVIDIA GPU can tell: the CUDA tests, the times of our GPU targets, of each pipeline
# alone (3x3 convolutions directly and by Winograd), and of PyTorch with the same weights. Uses build/ as it is, builds and
# downloads nothing, and writes its results into build/gpu/.
#
# MODELS (names, separated by spaces), TARGETS and SIZES (WxH, separated by commas) choose what is timed; PYTHON names a
# Python that has torch with CUDA, and numpy.
source "$(dirname "${BASH_SOURCE[0]}")/../tools/common.sh"

models=${MODELS:-edsr_small_x2 carn_m_x2}
targets=${TARGETS:-cuda,cuda_f16}
sizes=${SIZES:-426x240,640x360,1920x1080}
results=$build/gpu

built() {
    [ -e "$build/$1" ] || fail "build/$1 is missing; run: $2 (where there is a network; then copy build/ here)"
}

check_driver() {
    command -v nvidia-smi >/dev/null || fail "there is no nvidia-smi: no NVIDIA driver is installed here"
    nvidia-smi --query-gpu=name,driver_version,memory.total --format=csv,noheader ||
        fail "nvidia-smi finds no GPU that answers; its message is above"
    python3 -c 'import ctypes, sys; sys.exit(ctypes.CDLL("libcuda.so.1").cuInit(0))' 2>/dev/null ||
        fail "nvidia-smi answers, but libcuda.so.1 does not start; in a container, pass in the driver's compute library"
}

run_tests() {
    local listed
    command -v ctest >/dev/null || fail "there is no ctest; run: make test (it brings one into build/venv)"
    listed=$(ctest --test-dir "$build" --show-only --label-regex '^cuda$')
    [[ $listed != *"Total Tests: 0"* ]] || fail "build/ has no CUDA tests; run: make test"
    local log=$results/tests.log
    ctest --test-dir "$build" --label-regex '^cuda$' --output-on-failure | tee "$log" || return 1
    ! grep -q 'test_cuda_networks.*Skipped' "$log" ||
        fail "the library finds no CUDA device although the driver answers; see: build/bin/slimscale info"
}

time_ours() {
    local model options=()
    for model in $models; do
        options+=(--model "$model")
    done
    "$build/bin/bench_widths" "${options[@]}" --targets "$targets" --sizes "$sizes" --json "$results/widths.json" "$@"
}

# The first Python whose torch has a GPU to work with; "" if there is none.
python_with_torch() {
    local python
    for python in ${PYTHON:+"$PYTHON"} python3 "$venv/bin/python" "$build/peers-venv/bin/python"; do
        "$python" -c 'import numpy, sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null || continue
        echo "$python"
        return
    done
}

time_torch() {
    local python=$1 model files=()
    for model in $models; do
        [ ! -f "$root/weights/zoo/$model.safetensors" ] || files+=("$root/weights/zoo/$model.safetensors")
    done
    [ ${#files[@]} -gt 0 ] || return 0
    # shellcheck disable=SC2086  # one word per size
    "$python" "$root/bench/gpu_torch.py" --model "${files[@]}" --sizes ${sizes//,/ } --json "$results/torch.json"
}

check_driver
built build.ninja "make build test"
built bin/slimscale "make build"
built bin/bench_widths "make bench"
built bin/bench_pipelines "tools/build.sh bench_pipelines"
mkdir -p "$results"

failures=()
say "Testing on the GPU"
run_tests || failures+=("the CUDA tests")

peers=()
python=$(python_with_torch)
if [ -n "$python" ]; then
    say "Timing PyTorch ($python)"
    if time_torch "$python"; then
        [ ! -f "$results/torch.json" ] || peers=(--peers "$results/torch.json")
    else
        failures+=("PyTorch's side")
    fi
else
    say "No Python with torch, CUDA and numpy here (PYTHON=<one> names it): PyTorch is not timed"
fi

say "Timing slimscale: $targets"
time_ours --html "$results/gpu.html" "${peers[@]}" || failures+=("bench_widths")

say "Timing each pipeline"
"$build/bin/bench_pipelines" --targets "$targets" --json "$results/pipelines.json" | tee "$results/pipelines.md" ||
    failures+=("bench_pipelines")

say "Results are in build/gpu/"
[ ${#failures[@]} -eq 0 ] || fail "failed: $(printf '%s; ' "${failures[@]}")the messages are above"
