#!/usr/bin/env bash
# Runs libFuzzer on the targets of tests/fuzz, built with clang, AddressSanitizer and UndefinedBehaviorSanitizer over the
# small models that build/ has compiled. Prints what each came to; what it found stays in build/fuzz/corpus/<target> and is
# where the next run begins. A finding ends in a non-zero status and the name of the input's file.
#
# usage: tools/fuzz.sh [MINUTES] [TARGET...]      MINUTES of each target, 10 by default; targets: weights, torch, blob,
#                                                 profile, api, y4m, png, jpeg; all by default
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

all=(weights torch blob profile api y4m png jpeg)
minutes=${1:-10}
shift || true
targets=("${@:-${all[@]}}")
tree=$build/fuzz
[[ $minutes =~ ^[0-9]+(\.[0-9]+)?$ ]] || fail "fuzz.sh wants minutes, not '$minutes'"
for target in "${targets[@]}"; do
    [[ " ${all[*]} " == *" $target "* ]] || fail "there is no fuzz target '$target'; there are ${all[*]}"
done
command -v clang++ >/dev/null || fail "clang is missing; run tools/setup.sh fuzz"

cd "$root"
run_logged "$build/logs/fuzz-configure.log" "configuring failed; a CMake error above names what is missing" cmake --preset fuzz
say "Building fuzz targets"
run_logged "$build/logs/fuzz-build.log" "building failed" \
    cmake --build "$tree" --parallel "$jobs" --target make_fuzz_seeds "${targets[@]/#/fuzz_}"
run_logged "$build/logs/fuzz-seeds.log" "no seeds" "$tree/tests/make_fuzz_seeds" "$tree/fuzz_seeds"

fuzz() {
    local target=$1 corpus=$tree/corpus/$1 seeds=("$root/tests/fuzz/corpus/$1" "$tree/fuzz_seeds/$1")
    mkdir -p "$corpus" "${seeds[0]}"
    "$tree/tests/fuzz_$target" "$corpus" "${seeds[@]}" -max_total_time="$(awk "BEGIN { print int(60 * $minutes + 0.5) }")" \
        -timeout=30 -rss_limit_mb=3000 -max_len=65536 -artifact_prefix="$tree/found_${target}_" >"$build/logs/fuzz-$target.log" 2>&1
}

say "Fuzzing ${targets[*]}, $minutes minutes each"
failed=()
running=()
names=()
finish() {  # the oldest
    wait "${running[0]}" || failed+=("${names[0]}")
    local log=$build/logs/fuzz-${names[0]}.log
    # "#1234 DONE cov: 500 ft: 900 corp: 80/12Kb ... exec/s: 200"
    printf '%-8s %s\n' "${names[0]}" "$(sed -n 's/^#\([0-9]*\)\t[A-Z]* *cov: \([0-9]*\) ft: \([0-9]*\) corp: \([^ ]*\).*/\1 inputs, \2 edges and \3 features covered, corpus \4/p' "$log" | tail -n 1)"
    running=("${running[@]:1}")
    names=("${names[@]:1}")
}
for target in "${targets[@]}"; do
    [ ${#running[@]} -lt "$jobs" ] || finish
    fuzz "$target" &
    running+=($!)
    names+=("$target")
done
while [ ${#running[@]} -gt 0 ]; do finish; done
for target in "${failed[@]}"; do
    grep -E -A 20 'ERROR: |runtime error: |not true: ' "$build/logs/fuzz-$target.log" | head -n 40 || true
done
[ ${#failed[@]} -eq 0 ] || fail "findings in: ${failed[*]} (inputs: $tree/found_*, whole output: $build/logs/fuzz-<target>.log)"
