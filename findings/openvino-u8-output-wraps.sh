#!/usr/bin/env bash
# OpenVINO's PrePostProcessor wraps around when a float output is asked for as u8.
#
# Guess: output().tensor().set_element_type(u8) rounds and saturates, as is usual for pixels; a value of 256 becomes
#   255.
# What happens: It truncates and wraps modulo 256: 254.9 gives 254, 256 gives 0, 300 gives 44, -5 gives 251.
# Versions: openvino 2026.4.1, onnx 1.23.2
# Why it matters: Networks overshoot at edges by a few levels. Bright edges become black dots and dark edges white
#   ones. The graph must clip and round itself; then only the type is left to the PrePostProcessor.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 openvino==2026.4.1
venv/bin/python - <<'EOF'
import sys
import numpy as np, openvino as ov
from onnx import TensorProto, helper, numpy_helper
from openvino.preprocess import PrePostProcessor

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

print("OpenVINO", ov.__version__)
values = [-5, -0.6, 0.6, 127.5, 254.9, 255.4, 256, 300]
x = np.tile(np.array(values, np.float32), 8 * 8).reshape(1, 1, 8, 64)
core = ov.Core()

def run(nodes, constants):
    steps = PrePostProcessor(core.read_model(model(nodes, constants, x).SerializeToString()))
    steps.output().tensor().set_element_type(ov.Type.u8)
    return core.compile_model(steps.build(), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})(x)[0].ravel()[:8].tolist()

right = [0, 0, 1, 128, 255, 255, 255, 255]
seen = run([helper.make_node("Identity", ["x"], ["y"])], {})
show(f"{values} as u8", right, seen, seen == [251, 0, 0, 127, 254, 255, 0, 44])
limits = {"low": np.float32(0), "high": np.float32(255)}
seen = run([helper.make_node("Clip", ["x", "low", "high"], ["c"]), helper.make_node("Round", ["c"], ["y"])], limits)
show("the same after Clip and Round in the graph", right, seen, seen == right)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
