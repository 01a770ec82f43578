#!/usr/bin/env bash
# ONNX Runtime's linear Resize of uint8 truncates: half a grey level darker.
#
# Guess: Linear interpolation of uint8 is rounded, as the ONNX reference and OpenVINO do.
# What happens: Results are cut: mean error -0.47 at x2, up to almost 1 level; a constant picture is right.
# Versions: openvino 2026.4.1, onnxruntime 1.32.0, onnx 1.23.2
# Why it matters: Pre- and post-processing inside the model (uint8 in, uint8 out) darkens the picture, about 51 dB
#   away from the rounded one; float inside and a final Round avoids it.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    openvino==2026.4.1
venv/bin/python - <<'EOF'
import sys
import numpy as np, onnx, onnxruntime as ort, openvino as ov
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

def model(nodes, constants, x, opset=18, ir=9, out=TensorProto.FLOAT):
    graph = helper.make_graph(
        nodes,
        "g",
        [helper.make_tensor_value_info("x", helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)],
        [helper.make_tensor_value_info("y", out, None)],
        [numpy_helper.from_array(v, k) for k, v in constants.items()],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=ir)

ort.set_default_logger_severity(3)

def by_ort(m, x):
    return ort.InferenceSession(m.SerializeToString(), providers=["CPUExecutionProvider"]).run(None, {"x": x})[0]

core = ov.Core()

def by_openvino(m, x):
    return core.compile_model(core.read_model(m.SerializeToString()), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(x)[
        0
    ]

print("OpenVINO", ov.__version__, "ONNX Runtime", ort.__version__, "onnx", onnx.__version__)

x = np.random.default_rng(0).integers(0, 256, (1, 1, 32, 32)).astype(np.uint8)
for factor in (2.0, 3.0):
    nodes = [helper.make_node("Resize", ["x", "", "s"], ["y"], mode="linear")]
    scale = {"s": np.array([1, 1, factor, factor], np.float32)}
    exact = by_ort(model(nodes, scale, x.astype(np.float32)), x.astype(np.float32))
    byte = model(nodes, scale, x, out=TensorProto.UINT8)
    seen = {
        "reference": ReferenceEvaluator(byte).run(None, {"x": x})[0],
        "OpenVINO": by_openvino(byte, x),
        "ONNX Runtime": by_ort(byte, x),
    }
    for name, picture in seen.items():
        error = picture.astype(float) - exact
        cut = name == "ONNX Runtime"
        show(
            f"x{factor}, {name}, mean and largest error",
            "about 0, at most 0.5",
            (round(float(error.mean()), 3), round(float(np.abs(error).max()), 3)),
            (
                error.mean() < -0.3 and np.abs(error).max() > 0.8
                if cut
                else abs(error.mean()) < 0.05 and np.abs(error).max() < 0.51
            ),
        )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
