#!/usr/bin/env bash
# Casting float64 and integers to bfloat16 or float8 by ml_dtypes rounds twice.
#
# Guess: astype gives the nearest bfloat16, as float64 to float16 of NumPy does.
# What happens: The value is rounded to float32 first: 1 + 2^-8 + 2^-40 lies above the middle of two bfloat16 values
#   and becomes the lower one. The integer 2^40 + 2^32 + 1 likewise. float8_e4m3fn and float8_e5m2 as well.
# Versions: ml_dtypes 0.6.0, numpy 2.4.6
# Why it matters: Golden files and test oracles in double precision that are cast to bfloat16 differ in the last bit
#   from those of a correct implementation, now and then, and equality tests of bit-exact code fail or are loosened
#   for no reason.
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
tiny = 2.0**-40
for kind, bits in ((ml_dtypes.bfloat16, 8), (ml_dtypes.float8_e4m3fn, 4), (ml_dtypes.float8_e5m2, 3)):
    above = np.float64(1 + 2.0**-bits + tiny)  # just above the middle of 1 and its neighbour
    right, seen = 1 + 2.0 ** (1 - bits), float(above.astype(kind))
    show(f"{above!r} to {np.dtype(kind)}", right, seen, seen == 1)
above = np.float64(1 + 2.0**-11 + tiny)
show(
    "the same to NumPy's float16",
    1 + 2.0**-10,
    float(above.astype(np.float16)),
    float(above.astype(np.float16)) == 1 + 2.0**-10,
)
number = np.array([2**40 + 2**32 + 1])
seen = int(number.astype(ml_dtypes.bfloat16)[0]) - 2**40
show("2^40 + 2^32 + 1 to bfloat16, less 2^40", 2**33, seen, seen == 0)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
