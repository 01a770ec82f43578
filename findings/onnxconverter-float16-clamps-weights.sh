#!/usr/bin/env bash
# convert_float_to_float16 changes weights that half precision could hold: 20000 becomes 10000, and 1e-9 becomes
# 1e-7.
#
# Guess: Conversion rounds to the nearest half: 20000 and 60000 are exact, 1e-9 becomes 0.
# What happens: Magnitudes above 10000 are clamped to 10000 and non-zero ones below 1e-7 are raised to 1e-7 (the
#   least half is 6e-8). There is a Python warning, and the model is written. max_finite_val=65504 keeps the large
#   ones.
# Versions: onnxconverter-common 1.16.0, onnx 1.23.2
# Why it matters: Scale factors for 14- and 16-bit samples (16383, 65472) stand in models as constants; the
#   converted model returns pictures 1.6 to 6.5 times too dark. Small raised weights add noise where a pruned
#   network had almost nothing.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 \
    onnxconverter-common==1.16.0
venv/bin/python - <<'EOF'
import sys, warnings
import numpy as np, onnx
from onnx import helper, numpy_helper
from onnxconverter_common import float16

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("onnx", onnx.__version__)
values = np.array([20000, 60000, 16383, 1e-9, -1e-9, 6e-8, 0, 1], np.float32)

def converted(**options):
    graph = helper.make_graph(
        [helper.make_node("Mul", ["x", "w"], ["y"])],
        "g",
        [helper.make_tensor_value_info("x", 1, [8])],
        [helper.make_tensor_value_info("y", 1, [8])],
        [numpy_helper.from_array(values, "w")],
    )
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        half = float16.convert_float_to_float16(
            helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)]), **options
        )
    return numpy_helper.to_array(half.graph.initializer[0]).astype(np.float32)

right, seen = values.astype(np.float16).astype(np.float32), converted()
show(
    f"{values.tolist()} as half",
    right.tolist(),
    seen.tolist(),
    (seen[:3] == 10000).all() and seen[3] > 5e-8 and seen[4] < -5e-8,
)
seen = converted(max_finite_val=65504.0)
show("with max_finite_val=65504", right[:3].tolist(), seen[:3].tolist(), (seen[:3] == right[:3]).all())
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
