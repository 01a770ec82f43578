#!/usr/bin/env bash
# Packs a folder of at most 45 MB for a machine that has an NVIDIA GPU and PyTorch but nothing else: the CUDA tests, the
# benchmarks and what bench/gpu_run.sh calls, stripped and compressed; the trainer's sources with the headers and libraries
# that they need besides PyTorch's; and training crops. Needs no GPU.
#
#     bench/gpu_bundle.sh                      tests and benchmarks, into build/gpu_bundle
#     DATA=photos/ bench/gpu_bundle.sh         crops of these pictures, too (MEGABYTES of them, 20 by default)
#     RESUME=runs/edsr bench/gpu_bundle.sh     a run's checkpoint and options, to go on with there
#
# ARCHS: compute capabilities that kernels are assembled for (90: H100). MODELS: zoo files that are timed.
source "$(dirname "${BASH_SOURCE[0]}")/../tools/common.sh"

out=${OUT:-$build/gpu_bundle}
archs=${ARCHS:-90}
models=${MODELS:-edsr_small_x2 carn_m_x2}
limit=45000000
tests="test_cuda_networks test_cuda_winograd"

cd "$root"
tools/setup.sh test
# shellcheck disable=SC2086  # one word per target
tools/build.sh --tests $tests slimscale_train
for model in $models; do
    MODEL=weights/zoo/$model.safetensors TARGET=cuda ARCHS=$archs OUT=build/generated/gpu_bundle NAME=${model}_cuda ADD=1 \
        tools/generate.sh
done
tools/build.sh bench_widths bench_pipelines slimscale

rm -rf "$out"
mkdir -p "$out/bin" "$out/source"
for test in $tests; do cp "build/tests/$test" "$out/bin/"; done
cp build/bin/slimscale build/bin/bench_widths build/bin/bench_pipelines "$out/bin/"
strip "$out"/bin/*

# The trainer is built on that machine, since PyTorch's C++ interface fits only the version that it was compiled with.
git ls-files -z base contract networks 'weights/*.cpp' 'weights/*.h' extras trainer | xargs -0 cp --parents -t "$out/source"
cp build/extras/reports/template.cpp "$out/source/extras/reports/" # made by CMake from the page's template and script
mkdir -p "$out/source/include" "$out/source/lib"
cp -r /usr/include/CLI /usr/include/nlohmann "$out/source/include/"
cp /usr/include/{png,pngconf,pnglibconf,jpeglib,jmorecfg,jerror,zlib,zconf,xxhash}.h "$out/source/include/"
cp "/usr/include/$(c++ -dumpmachine)/jconfig.h" "$out/source/include/"
for library in libpng16.a libjpeg.a libz.a; do
    cp "$(c++ -print-file-name=$library)" "$out/source/lib/"
done

cp bench/gpu_run.sh "$out/run.sh"
mkdir -p "$out/python/tests" "$out/python/weights/zoo"
cp -r tests/golden "$out/python/tests/"
mkdir -p "$out/python/bench" && cp bench/gpu_torch.py bench/png16.py "$out/python/bench/"
for model in $models; do cp "weights/zoo/$model.safetensors" "$out/python/weights/zoo/"; done
for part in bin source python; do
    tar --create --sort=name --owner=0 --group=0 --directory "$out" "$part" | xz -T0 -6 >"$out/$part.tar.xz"
    rm -rf "${out:?}/$part"
done

if [ -n "${DATA:-}" ]; then
    "$build/bin/slimscale_train" pack --data "$DATA" --megabytes "${MEGABYTES:-20}" ${EXCLUDE:+--exclude "$EXCLUDE"} --out "$out/patches"
fi
if [ -n "${RESUME:-}" ]; then
    mkdir -p "$out/run"
    "$build/bin/slimscale_train" compact "$RESUME/checkpoint.safetensors" "$out/run/checkpoint.safetensors"
    cp "$RESUME/options.toml" "$out/run/"
fi

bytes=$(du --bytes --summarize "$out" | cut -f1)
say "$out: $((bytes / 1000000)) MB of at most $((limit / 1000000))"
[ "$bytes" -le "$limit" ] || fail "that is too much; lower MEGABYTES, or name fewer MODELS"
