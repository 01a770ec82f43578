#!/usr/bin/env bash
# OpenCV's dnn pads at the wrong end for SAME_UPPER with stride 2, and its transposed convolutions come out one
# pixel short.
#
# Guess: auto_pad of ONNX Conv and ConvTranspose is followed, or refused.
# What happens: Where the padding is odd, kernels of 3 and 5 are padded as SAME_LOWER says and kernels of 2 and 4 as
#   SAME_UPPER says, whatever the model says: the result is off by one input pixel. ConvTranspose with either mode
#   returns 2n - 1 instead of 2n.
# Versions: opencv-python-headless 5.0.0.93, onnxruntime 1.32.0, onnx 1.23.2
# Why it matters: Models converted from TensorFlow carry auto_pad. An encoder-decoder or FSRCNN runs, with a shifted
#   picture; explicit pads are right in every engine.
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

for op, opset in (("Conv", 13), ("ConvTranspose", 11)):
    for width, pad, wrong in ((6, "SAME_UPPER", True), (6, "SAME_LOWER", op == "ConvTranspose")):
        x = np.zeros((1, 1, 1, width), np.float32)
        x[..., 2:4] = 1, 10
        nodes = [helper.make_node(op, ["x", "w"], ["y"], auto_pad=pad, strides=[1, 2], kernel_shape=[1, 3])]
        m = model(nodes, {"w": np.array([[[[1, 2, 3]]]], np.float32)}, x, opset)
        right = by_ort(m, x)
        seen = by_opencv(m, x, right.shape)
        show(
            f"{op}, {pad}, stride 2, {width} wide",
            right.ravel().astype(int).tolist(),
            seen.ravel().astype(int).tolist(),
            np.array_equal(right, seen) != wrong,
        )
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
