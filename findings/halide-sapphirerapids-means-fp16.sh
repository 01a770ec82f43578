#!/usr/bin/env bash
# Halide's avx512_sapphirerapids makes plain 16-bit moves instructions of AVX512-FP16.
#
# Guess: The target feature adds what HalideRuntime.h says of it ("all of the Zen4 features, plus AVX-VNNI and AMX
#   instructions"); a copy of 16-bit integers uses none of those and stays as it is.
# What happens: It turns on AVX512-FP16 as well, and LLVM then uses its vmovw for the odd element of a vector of
#   uint16_t or bfloat16_t and its vaddph for sums of float16_t. With avx512_zen4 there are none of them.
# Versions: halide 21.0.0 (PyPI)
# Why it matters: A program that asks the processor for AMX, AVX512-BF16 and AVX-VNNI, as the header has it, before it
#   takes such code stops at an illegal instruction where AVX512-FP16 is missing or hidden (a virtual machine, an
#   emulator), in code that holds no float16 at all.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check --only-binary :all: numpy==2.4.6 halide==21.0.0
grep -h "halide_target_feature_avx512_sapphirerapids," venv/lib/python3*/site-packages/halide/include/HalideRuntime.h
venv/bin/python - <<'EOF'
import importlib.metadata, re, sys
import halide as hl

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("Halide", importlib.metadata.version("halide"))
ZEN4 = "x86-64-linux-sse41-avx-avx2-f16c-fma-avx512-avx512_skylake-avx512_cannonlake-avx512_zen4"

def instructions(kind, features, add):
    """Those of AVX512-FP16 in a copy (or sum) of every second element, seven at a time."""
    x = hl.Var("x")
    source = hl.ImageParam(kind, 1, "source")
    out = hl.Func("out")
    out[x] = source[2 * x] + source[2 * x + 1] if add else source[2 * x]
    out.vectorize(x, 7)
    out.compile_to_assembly("out.s", [source], "out", hl.Target(features + "-no_runtime"))
    with open("out.s") as file:
        found = set(re.findall(r"^\t(vmovw|v(?:mov|add)sh|vaddph)\b", file.read(), re.M))
    return " ".join(sorted(found)) or "none"

for name, kind, add, stated in (
    ("copy of uint16_t", hl.UInt(16), False, "vmovw"),
    ("copy of bfloat16_t", hl.BFloat(16), False, "vmovw"),
    ("copy of float16_t", hl.Float(16), False, "vmovw"),
    ("sum of float16_t", hl.Float(16), True, "vaddph"),
    ("copy of uint32_t", hl.UInt(32), False, "none"),
):
    seen = instructions(kind, ZEN4, add)
    show(f"{name}, avx512_zen4", "none", seen, seen == "none")
    seen = instructions(kind, ZEN4 + "-avx512_sapphirerapids", add)
    show(f"{name}, avx512_sapphirerapids", "none", seen, stated in seen.split())
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
