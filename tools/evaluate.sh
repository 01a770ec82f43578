#!/usr/bin/env bash
# Measures the trained file $MODEL at every trained width on the images of $DATA, and writes report.md, report.json and
# report.html into build/evaluate/<model>. If build/bin/slimscale lacks the network or a width, it is compiled first, into a
# tool in that folder.
#
# WIDTHS=16,64 names the widths. LIBTORCH=1 measures the same file with LibTorch too, beside the compiled networks;
# SELF_ENSEMBLE=1 adds the mean over eight orientations.
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

usage="use: make evaluate MODEL=<file>.safetensors DATA=<folder> [WIDTHS=16,64] [LIBTORCH=1] [SELF_ENSEMBLE=1]"
[ -n "${MODEL:-}" ] || fail "no model named; $usage"
[ -f "$MODEL" ] || fail "$MODEL is no file; MODEL is a trained network (.safetensors)"
[ -n "${DATA:-}" ] || fail "no images named; $usage"
[ -e "$DATA" ] || fail "$DATA is no folder; DATA holds the original images (PNG, JPEG)"

name=$(basename "${MODEL%.safetensors}")
results=$build/evaluate/$name
slimscale=$build/bin/slimscale
mkdir -p "$results"
rm -f "$results"/report.{md,json,html} "$results/libtorch.json" # an old file must not pass for a result

if [ -n "${WIDTHS:-}" ]; then widths=(--widths "$WIDTHS"); else widths=(--width all); fi
ensemble=()
[ "${SELF_ENSEMBLE:-}" != 1 ] || ensemble=(--self-ensemble)

"$root/tools/build.sh" slimscale
# This chooses model and widths and then finds nothing to measure; exit code 3 says that they are not compiled in.
probe=0
"$slimscale" evaluate /dev/null --model "$MODEL" "${widths[@]}" >/dev/null 2>&1 || probe=$?
if [ "$probe" -eq 3 ]; then
    tool=${NAME:-$(printf %s "$name" | tr '[:upper:]' '[:lower:]' | tr -c '[:lower:][:digit:]_' _)}
    env -u TARGET -u ADD NAME="$tool" OUT="$results" "$root/tools/generate.sh"
    slimscale=$results/slimscale_$tool
fi

# measure COMMAND... runs a command. Exit code 1, some images were left out (the report names them), becomes this script's.
status=0
measure() {
    local this=0
    "$@" >/dev/null || this=$?
    [ "$this" -le 1 ] || exit "$this"
    [ "$this" -eq 0 ] || status=1
}

beside=()
if [ "${LIBTORCH:-}" = 1 ]; then
    "$root/tools/build.sh" slimscale_train
    say "Measuring $name with LibTorch"
    measure "$build/bin/slimscale_train" evaluate --model "$MODEL" --data "$DATA" "${ensemble[@]}" \
        ${WIDTHS:+--widths "$WIDTHS"} --json "$results/libtorch.json"
    beside=(--beside "$results/libtorch.json")
fi

say "Measuring $name, compiled"
measure "$slimscale" evaluate "$DATA" --model "$MODEL" "${widths[@]}" "${ensemble[@]}" "${beside[@]}" --overwrite \
    --markdown "$results/report.md" --json "$results/report.json" --report "$results/report.html"
cat "$results/report.md"
say "Reports: $results/report.md, report.json, report.html"
exit "$status"
