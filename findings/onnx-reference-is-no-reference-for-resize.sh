#!/usr/bin/env bash
# onnx's ReferenceEvaluator computes some kinds of Resize wrongly.
#
# Guess: onnx.reference is the oracle that engines are held against; where it differs from ONNX Runtime, the engine
#   errs.
# What happens: cubic with half_pixel_symmetric, 7 to 10 samples of the ramp 0..6: the fourth value is 1 where its
#   neighbours are 1.37 and 2.63; ONNX Runtime gives 2. With align_corners and a size that scale * n rounds down to
#   (7 * 1.5), the last sample is not the last input, as the mode's name says; ONNX Runtime and OpenVINO give it.
# Versions: openvino 2026.4.1, onnxruntime 1.32.0, onnx 1.23.2
# Why it matters: An exporter that is checked against onnx.reference alone is checked against errors; use two
#   engines.
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

x = np.arange(7, dtype=np.float32).reshape(1, 1, 1, 7)

def resize(mode, positions):
    nodes = [helper.make_node("Resize", ["x", "", "s"], ["y"], mode=mode, coordinate_transformation_mode=positions)]
    return model(nodes, {"s": np.array([1, 1, 1, 1.5], np.float32)}, x)

m = resize("cubic", "half_pixel_symmetric")
reference, engine = ReferenceEvaluator(m).run(None, {"x": x})[0].ravel(), by_ort(m, x).ravel()
show(
    "cubic, half_pixel_symmetric: rises everywhere, reference",
    True,
    (reference.round(2).tolist(), bool((np.diff(reference) > 0).all())),
    abs(reference[3] - 1) < 1e-3,
)
show(
    "the same by ONNX Runtime",
    True,
    (engine.round(2).tolist(), bool((np.diff(engine) > 0).all())),
    bool((np.diff(engine) > 0).all()),
)
m = resize("linear", "align_corners")
last = [float(p.ravel()[-1]) for p in (ReferenceEvaluator(m).run(None, {"x": x})[0], by_ort(m, x), by_openvino(m, x))]
show(
    "linear, align_corners: last sample of reference, ONNX Runtime, OpenVINO",
    [6, 6, 6],
    [round(v, 3) for v in last],
    last[0] < 5.9 and last[1:] == [6, 6],
)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
