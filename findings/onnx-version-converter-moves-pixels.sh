#!/usr/bin/env bash
# onnx.version_converter changes the sampling positions of Upsample and Resize.
#
# Guess: A model of opset 9 or 10 converted to opset 11 or later computes the same picture.
# What happens: Before opset 11 positions were asymmetric (x / scale); the converter writes Resize without
#   coordinate_transformation_mode, whose default since opset 11 is half_pixel. A linear x2 of a ramp moves by a
#   quarter of an input pixel. To opset 10, and for nearest at x2, it is right.
# Versions: onnx 1.23.2, onnxruntime 1.32.0
# Why it matters: Older super-resolution models are brought up to date with this tool. A skip connection that lies a
#   quarter pixel beside the network's own output spoils every edge, and no error is raised.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
venv/bin/python - <<'EOF'
import sys
import numpy as np, onnx, onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper, version_converter

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

ort.set_default_logger_severity(3)

def by_ort(m, x):
    return ort.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]

print("onnx", onnx.__version__, "ONNX Runtime", ort.__version__)
x = np.arange(16, dtype=np.float32).reshape(1, 1, 4, 4)

def old(kind, mode, opset):
    graph = helper.make_graph(
        [helper.make_node(kind, ["x", "s"], ["y"], mode=mode)],
        "g",
        [helper.make_tensor_value_info("x", 1, [1, 1, 4, 4])],
        [helper.make_tensor_value_info("y", 1, [1, 1, 8, 8])],
        [helper.make_tensor("s", 1, [4], [1, 1, 2, 2])],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=4 if opset == 9 else 5)

for kind, opset in (("Upsample", 9), ("Resize", 10)):
    before = by_ort(old(kind, "linear", opset), x)
    for target in (11, 13, 18):
        after = by_ort(version_converter.convert_version(old(kind, "linear", opset), target), x)
        worst = float(np.abs(after - before).max())
        show(f"linear {kind} of opset {opset} to {target}, largest difference on 0..15", 0, worst, worst > 1)
before = by_ort(old("Upsample", "linear", 9), x)
worst = float(np.abs(by_ort(version_converter.convert_version(old("Upsample", "linear", 9), 10), x) - before).max())
show("linear Upsample of opset 9 to 10", 0, worst, worst == 0)
before = by_ort(old("Upsample", "nearest", 9), x)
worst = float(np.abs(by_ort(version_converter.convert_version(old("Upsample", "nearest", 9), 13), x) - before).max())
show("nearest Upsample of opset 9 to 13", 0, worst, worst == 0)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
