#!/usr/bin/env bash
# slimscale_add_model in a fresh project, in a folder outside of the tree: a trained file is compiled, linked and run, compiled
# again when it changes and not otherwise; and what is refused is refused with one sentence.
#
# usage: add_model.sh installed PREFIX SOURCES MODEL HALIDE     against an installed package
#        add_model.sh source TREE SOURCES MODEL HALIDE          with the tree as a part of the project
# SOURCES is this folder, MODEL a trained file, HALIDE a folder that CMake finds Halide under.
set -euo pipefail
way=$1 from=$2 sources=$3 model=$4 halide=$5
case $way in
installed) options=(-DCMAKE_PREFIX_PATH="$from;$halide") ;;
source) options=(-DSLIMSCALE_SOURCE="$from" -DCMAKE_PREFIX_PATH="$halide") ;;
esac
cmake=${CMAKE:-cmake}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r "$sources/add_model" "$sources/upscale.c" "$work"
project=$work/add_model build=$work/build
cp "$model" "$project/mine.safetensors"

build() { "$cmake" --build "$build" --target upscale >"$work/said" 2>&1 || { cat "$work/said"; exit 1; }; }
fail() { echo "$*"; cat "$work/said"; exit 1; }

"$cmake" -S "$project" -B "$build" "${options[@]}" -DCMAKE_BUILD_TYPE=Release
build
"$build/upscale"
report=$build/slimscale/slimscale_model_mine.md
grep -q '^| avx2 ' "$report" || fail "no code size of avx2 in $report"
build
! grep -q "Compiling the model" "$work/said" || fail "compiled twice"
# The least bit of the last weight.
last=$(($(stat -c %s "$model") - 4))
byte=$(od -An -tu1 -j "$last" -N 1 "$model")
printf '%b' "$(printf '\\x%02x' $((byte ^ 1)))" | dd of="$project/mine.safetensors" bs=1 seek="$last" conv=notrunc status=none
build
grep -q "Compiling the model mine" "$work/said" || fail "a changed file is not compiled again"
"$build/upscale"
[ "$way" = installed ] || exit 0

# Refused while CMake configures, with what to do.
refused() { # <sentence> <line of CMake> [option...]
    local sentence=$1 line=$2
    shift 2
    mkdir -p "$work/refused"
    printf 'cmake_minimum_required(VERSION 3.16)\nproject(refused LANGUAGES C)\nfind_package(slimscale REQUIRED)\n%s\n' "$line" >"$work/refused/CMakeLists.txt"
    cp "$model" "$work/refused/mine.safetensors"
    rm -rf "$work/refused/build"
    if "$cmake" -S "$work/refused" -B "$work/refused/build" "$@" >"$work/said" 2>&1; then fail "no error: $line"; fi
    # CMake breaks lines where it likes.
    tr -s '\n ' ' ' <"$work/said" | grep -qF "$sentence" || fail "$line does not say: $sentence"
}
found=("${options[@]}")
refused "there is no file" "slimscale_add_model(mine FILE theirs.safetensors)" "${found[@]}"
refused "cannot name a model" "slimscale_add_model(my-model FILE mine.safetensors)" "${found[@]}"
refused "there is a model carn_m_x2 already" "slimscale_add_model(carn_m_x2 FILE mine.safetensors)" "${found[@]}"
refused "use slimscale_add_model(<name>" "slimscale_add_model(mine mine.safetensors)" "${found[@]}"
# No Halide anywhere: not in a prefix, and not with the Python that is found.
unset VIRTUAL_ENV CMAKE_PREFIX_PATH
if [ -z "$(find /usr/lib /usr/local/lib -path '*Halide/HalideConfigVersion.cmake' 2>/dev/null)" ]; then
    refused "pip install halide==21.0.0" "slimscale_add_model(mine FILE mine.safetensors)" \
        -DCMAKE_PREFIX_PATH="$from" -DSLIMSCALE_PYTHON_PROGRAM=/bin/false
fi
# Another Halide alone.
mkdir -p "$work/old/lib/cmake/Halide"
echo 'set(PACKAGE_VERSION "19.0.0")' >"$work/old/lib/cmake/Halide/HalideConfigVersion.cmake"
refused "found only 19.0.0 in $work/old/lib" "slimscale_add_model(mine FILE mine.safetensors)" \
    -DCMAKE_PREFIX_PATH="$from;$work/old" -DSLIMSCALE_PYTHON_PROGRAM=/bin/false
