#!/usr/bin/env bash
# OpenVINO shifts a transposed convolution by one pixel when auto_pad is SAME_UPPER and output_shape is given.
#
# Guess: With auto_pad=SAME_UPPER the picture is the same whether output_shape repeats the default size or is left
#   out.
# What happens: With output_shape OpenVINO takes the odd pixel of padding at the other end: the result lies one
#   output pixel to the left and up. Without output_shape, and with SAME_LOWER, it agrees with ONNX Runtime and the
#   ONNX reference.
# Versions: openvino 2026.4.1, onnxruntime 1.32.0, onnx 1.23.2
# Why it matters: FSRCNN-like networks end in a transposed convolution, and converters from TensorFlow write both
#   attributes. A shift of one pixel looks like a bad network.
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

x = np.zeros((1, 1, 1, 6), np.float32)
x[..., 2] = 1  # one bright pixel
kernel = np.array([[[[1, 2, 3]]]], np.float32)
for pad in ("SAME_UPPER", "SAME_LOWER"):
    for size in ({}, {"output_shape": [1, 12]}):
        m = model(
            [helper.make_node("ConvTranspose", ["x", "k"], ["y"], auto_pad=pad, strides=[1, 2], **size)],
            {"k": kernel},
            x,
            11,
        )
        right, seen = by_ort(m, x).ravel().astype(int).tolist(), by_openvino(m, x).ravel().astype(int).tolist()
        shifted = pad == "SAME_UPPER" and bool(size)
        show(f"{pad} {size}, OpenVINO", right, seen, seen == right[1:] + right[:1] if shifted else seen == right)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
