#!/usr/bin/env bash
# Creating a DnnSuperResImpl changes DepthToSpace in every network that OpenCV's dnn opens afterwards.
#
# Guess: cv2.dnn_superres.DnnSuperResImpl_create() makes an object and has no effect on networks of cv2.dnn.
# What happens: From then on, ONNX files read by cv2.dnn compute DepthToSpace by a block that is guessed of the number
#   of channels, whatever blocksize says, and in the order DCR, whatever mode says. 16 channels in blocks of 2 become
#   one channel four times as large instead of four channels twice as large; 12 channels of mode CRD keep their size
#   and have other pixels. Nothing is printed, and dropping the object does not undo it.
# Versions: opencv-contrib-python 5.1.0.95, onnx 1.23.2
# Why it matters: DepthToSpace is the last step of most super-resolution networks. A program that compares two engines
#   or keeps one as a fall-back has another result of the same file, by which of them came first.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 \
    opencv-contrib-python==5.1.0.95
venv/bin/python - <<'EOF'
import sys
import cv2, numpy as np
from onnx import TensorProto, helper

changed = []

def show(what, expected, seen, as_stated):
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if not as_stated:
        changed.append(what)

print("OpenCV", cv2.__version__)

def picture(channels):
    return np.arange(channels * 15, dtype=np.float32).reshape(1, channels, 3, 5)

def by_opencv(channels, block, mode):
    graph = helper.make_graph(
        [helper.make_node("DepthToSpace", ["x"], ["y"], blocksize=block, mode=mode)],
        "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, channels, 3, 5])],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, None)],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=9)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model.SerializeToString(), np.uint8))
    net.setInput(picture(channels))
    return net.forward()

def by_definition(channels, b, mode):
    x = picture(channels)
    if mode == "DCR":
        x = x.reshape(1, b, b, channels // b**2, 3, 5).transpose(0, 3, 4, 1, 5, 2)
    else:
        x = x.reshape(1, channels // b**2, b, b, 3, 5).transpose(0, 1, 4, 2, 5, 3)
    return x.reshape(1, channels // b**2, 3 * b, 5 * b)

def text(y, right):
    if y.shape != right.shape:
        return f"shape {y.shape}"
    return f"shape {y.shape}, " + ("right" if np.array_equal(y, right) else f"{np.sum(y != right)} of {y.size} wrong")

CASES = {  # channels, block, mode: what is seen once an object was created
    (12, 2, "DCR"): "shape (1, 3, 6, 10), right",
    (12, 2, "CRD"): None,
    (16, 2, "DCR"): "shape (1, 1, 12, 20)",
    (16, 2, "CRD"): "shape (1, 1, 12, 20)",
    (48, 2, "DCR"): "shape (1, 3, 12, 20)",
    (64, 2, "CRD"): "shape (1, 4, 12, 20)",
}
for case in CASES:
    right = by_definition(*case)
    show(f"{case}, before", text(right, right), text(by_opencv(*case), right), np.array_equal(by_opencv(*case), right))
engine = cv2.dnn_superres.DnnSuperResImpl_create()
del engine
for case, stated in CASES.items():
    right = by_definition(*case)
    seen = text(by_opencv(*case), right)
    show(f"{case}, after", text(right, right), seen, seen == stated if stated else seen.endswith("wrong"))
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
