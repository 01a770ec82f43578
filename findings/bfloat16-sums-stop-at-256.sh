#!/usr/bin/env bash
# NumPy sums and averages bfloat16 arrays in bfloat16, one by one: the sum of 10000 ones is 256, their mean 0.0256.
#
# Guess: sum and mean of bfloat16 behave as those of float16: pairwise, and mean in float32 (10000 and 1.0).
# What happens: ml_dtypes' type is added in order and rounded after every step: at 256 adding 1 changes nothing.
#   dtype=np.float32 is right, a dot product as well (accumulated in float32).
# Versions: ml_dtypes 0.6.0, numpy 2.4.6
# Why it matters: Statistics of weights or activations from a bfloat16 checkpoint (means for quantisation, PSNR of
#   bfloat16 tensors, BatchNorm folding) are off by orders of magnitude with plausible small numbers.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 ml_dtypes==0.6.0
venv/bin/python - <<'EOF'
import sys
import ml_dtypes, numpy as np

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("numpy", np.__version__, "ml_dtypes", ml_dtypes.__version__)
ones = np.ones(10000, ml_dtypes.bfloat16)
half = np.ones(10000, np.float16)
show("sum of 10000 ones, bfloat16", 9984, float(ones.sum()), float(ones.sum()) == 256)
show("mean of 10000 ones, bfloat16", 1.0, round(float(ones.mean()), 4), float(ones.mean()) < 0.03)
show(
    "sum and mean, float16",
    (10000, 1.0),
    (float(half.sum()), float(half.mean())),
    (float(half.sum()), float(half.mean())) == (10000, 1),
)
show("mean with dtype=float32", 1.0, float(ones.mean(dtype=np.float32)), float(ones.mean(dtype=np.float32)) == 1)
show("dot product", 9984, float(np.dot(ones, ones)), abs(float(np.dot(ones, ones)) - 10000) < 40)
error = np.full(4096, 0.01, ml_dtypes.bfloat16)  # a PSNR of 20 dB for pictures of 0..1 and errors of 0.1
psnr = -10 * np.log10(float(error.mean()))
show("PSNR from the mean of squared errors 0.01", 20.0, round(float(psnr), 2), psnr > 23)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
