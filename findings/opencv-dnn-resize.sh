#!/usr/bin/env bash
# OpenCV's dnn replaces the scale of ONNX Resize by the ratio of sizes, and ignores antialias.
#
# Guess: Resize with scales 1.5 on 9 columns gives 13 columns sampled at steps of 1 / 1.5, in OpenCV as in ONNX
#   Runtime; antialias=1 is followed or refused.
# What happens: OpenCV samples at steps of 9 / 13: the picture is stretched, tens of grey levels off at the right.
#   Sizes that the scale divides are right. antialias=1 gives the same as antialias=0.
# Versions: opencv-python-headless 5.0.0.93, onnxruntime 1.32.0, onnx 1.23.2
# Why it matters: A model with a fractional scale, or with a bicubic branch, gives other pictures for odd sizes
#   only: tests on 256x256 pass.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0 \
    opencv-python-headless==5.0.0.93
venv/bin/python - <<'EOF'
import sys
import cv2, numpy as np, onnx, onnxruntime as ort
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

print("OpenCV", cv2.__version__, "ONNX Runtime", ort.__version__)

def by_opencv(m, x, shape):
    m.graph.output[0].CopyFrom(helper.make_tensor_value_info("y", TensorProto.FLOAT, shape))
    net = cv2.dnn.readNetFromONNX(np.frombuffer(m.SerializeToString(), np.uint8))
    net.setInput(x)
    return net.forward()

noise = np.random.default_rng(0).random((1, 1, 8, 12), np.float32) * 255
for mode in ("linear", "cubic"):
    for height, width, factor, options in (
        (8, 12, 1.5, {}),
        (7, 9, 1.5, {}),
        (7, 9, 2.0, {}),
        (8, 12, 0.5, {"antialias": 1}),
    ):
        x = np.ascontiguousarray(noise[:, :, :height, :width])
        nodes = [helper.make_node("Resize", ["x", "", "s"], ["y"], mode=mode, **options)]
        m = model(nodes, {"s": np.array([1, 1, factor, factor], np.float32)}, x)
        right = by_ort(m, x)
        worst = float(np.abs(by_opencv(m, x, right.shape) - right).max())
        wrong = bool(options) or factor * width % 1 > 0
        show(
            f"{mode} {options}, {height}x{width} by {factor}, largest difference",
            "below 0.001",
            round(worst, 4),
            worst > 10 if wrong else worst < 1e-3,
        )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
