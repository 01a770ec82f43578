#!/usr/bin/env bash
# OpenVINO drops three attributes of ONNX Resize without a message: antialias, exclude_outside and
# keep_aspect_ratio_policy.
#
# Guess: A model that OpenVINO accepts computes what ONNX says; what it does not know is refused, as
#   half_pixel_symmetric is.
# What happens: antialias=1 gives the same as antialias=0 (tens of grey levels off when reducing), exclude_outside=1
#   the same as 0 (borders off), not_larger and not_smaller give the requested size instead of the one that keeps
#   the aspect. ONNX Runtime follows ONNX.
# Versions: openvino 2026.4.1, onnxruntime 1.32.0, onnx 1.23.2
# Why it matters: A network with a bicubic branch (the usual skip connection, or a reducing step exported from
#   PyTorch with antialias=True) gives another picture in OpenVINO; exporters must check numbers, not acceptance.
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

x = np.random.default_rng(0).random((1, 1, 8, 12), np.float32) * 255

def resize(factor, **attributes):
    nodes = [helper.make_node("Resize", ["x", "", "s"], ["y"], **attributes)]
    return model(nodes, {"s": np.array([1, 1, factor, factor], np.float32)}, x)

for mode, factor, attribute in (
    ("linear", 0.5, "antialias"),
    ("cubic", 0.5, "antialias"),
    ("cubic", 2.0, "exclude_outside"),
):
    with_it, without = resize(factor, mode=mode, **{attribute: 1}), resize(factor, mode=mode)
    apart = float(np.abs(by_ort(with_it, x) - by_openvino(with_it, x)).max())
    same = np.array_equal(by_openvino(with_it, x), by_openvino(without, x))
    show(f"{mode} x{factor}, {attribute}=1, OpenVINO from ONNX Runtime", "below 0.001", round(apart, 2), apart > 2)
    show(f"OpenVINO with {attribute}=1 equals {attribute}=0", False, same, same)
    apart = float(np.abs(by_ort(without, x) - by_openvino(without, x)).max())
    show(f"{mode} x{factor}, {attribute}=0", "below 0.001", round(apart, 6), apart < 1e-3)
for policy, right in (("not_larger", (13, 20)), ("not_smaller", (20, 30))):
    m = model(
        [
            helper.make_node(
                "Resize", ["x", "", "", "s"], ["y"], mode="linear", keep_aspect_ratio_policy=policy, axes=[2, 3]
            )
        ],
        {"s": np.array([20, 20], np.int64)},
        x,
    )
    seen = by_openvino(m, x).shape[2:], by_ort(m, x).shape[2:]
    show(f"8x12 to 20x20, {policy}: OpenVINO, ONNX Runtime", (right, right), seen, seen == ((20, 20), right))
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
