#!/usr/bin/env bash
# OpenVINO's Relu, Clip and Max turn NaN into 0; ONNX Runtime hands it on.
#
# Guess: NaN goes through Relu and Clip, so that one look at the output finds a network that went wrong.
# What happens: OpenVINO on CPU returns 0 for NaN in Relu, Clip and Max, fused or not, and NaN in PRelu and
#   LeakyRelu. ONNX Runtime returns NaN in all of them.
# Versions: openvino 2026.4.1, onnxruntime 1.32.0, onnx 1.23.2
# Why it matters: A half-precision overflow ends as black pixels in one engine and as NaN in the other. "No NaN in
#   the output" is not a test of the network after an engine with such a Relu, and a PRelu network behaves otherwise
#   than a Relu network.
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

x = np.array([[[[np.nan, 1, -1, 2], [1, 1, 1, 1]]]], np.float32)
constants = {
    "low": np.float32(0),
    "high": np.float32(255),
    "slope": np.full((1, 1, 1), 0.25, np.float32),
    "w": np.ones((1, 1, 1, 1), np.float32),
}
node = helper.make_node
graphs = {
    "Relu": [node("Relu", ["x"], ["y"])],
    "Clip": [node("Clip", ["x", "low", "high"], ["y"])],
    "Max": [node("Max", ["x", "low"], ["y"])],
    "Conv, Relu": [node("Conv", ["x", "w"], ["c"]), node("Relu", ["c"], ["y"])],
    "PRelu": [node("PRelu", ["x", "slope"], ["y"])],
    "LeakyRelu": [node("LeakyRelu", ["x"], ["y"])],
}
for name, nodes in graphs.items():
    m = model(nodes, constants, x)
    first = float(by_openvino(m, x).ravel()[0]), float(by_ort(m, x).ravel()[0])
    hides = name not in ("PRelu", "LeakyRelu")
    show(
        f"{name} of NaN: OpenVINO, ONNX Runtime",
        ("nan", "nan"),
        first,
        np.isnan(first[1]) and (first[0] == 0 if hides else np.isnan(first[0])),
    )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
