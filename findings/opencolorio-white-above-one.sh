#!/usr/bin/env bash
# OpenColorIO's default CPU processor turns white into 1.00002.
#
# Guess: A gamma or sRGB curve in float is right to a few units of the last place (1e-7), and 1.0 stays 1.0.
# What happens: The default optimisation uses a fast power: relative error 2.3e-5, white 1.0000223, that is 1.5
#   codes of 16 bits. OPTIMIZATION_LOSSLESS gives 1.0 and 4e-8.
# Versions: opencolorio 2.6.0
# Why it matters: White above 1.0 fails range checks and "is it already clipped" tests, and an identity of two
#   curves (decode, network, encode) is no longer one at 16 bits.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 opencolorio==2.6.0
venv/bin/python - <<'EOF'
import sys
import numpy as np, PyOpenColorIO as OCIO

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("OpenColorIO", OCIO.__version__)
x = np.linspace(0, 1, 4097).astype(np.float32)

def apply(transform, flags):
    pixels = np.repeat(x[:, None], 3, 1).copy()
    OCIO.Config.CreateRaw().getProcessor(transform).getOptimizedCPUProcessor(flags).applyRGB(pixels)
    return pixels[:, 0].astype(float)

e = x.astype(float)
curves = {
    "gamma 2.2": (OCIO.ExponentTransform(value=[2.2, 2.2, 2.2, 1]), e**2.2),
    "sRGB": (
        OCIO.ExponentWithLinearTransform(gamma=[2.4, 2.4, 2.4, 1], offset=[0.055, 0.055, 0.055, 0]),
        np.where(e <= 0.04045, e / 12.92, ((e + 0.055) / 1.055) ** 2.4),
    ),
}
for name, (transform, right) in curves.items():
    seen = apply(transform, OCIO.OPTIMIZATION_DEFAULT)
    worst = float(np.abs(seen - right).max())
    show(
        f"{name}, default: white, largest error",
        "1.0, below 1e-6",
        (float(seen[-1]), worst),
        seen[-1] > 1.00001 and worst > 1e-5,
    )
    seen = apply(transform, OCIO.OPTIMIZATION_LOSSLESS)
    worst = float(np.abs(seen - right).max())
    show(
        f"{name}, lossless: white, largest error",
        "1.0, below 1e-6",
        (float(seen[-1]), worst),
        seen[-1] == 1 and worst < 1e-6,
    )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
