#!/usr/bin/env bash
# ONNX Runtime's quantize_static takes plain means for CalibMovingAverage: its constant and the order of pictures change
# nothing.
#
# Guess: CalibMovingAverage is a moving average with the constant that is given, or 0.01, in the order of the pictures.
# What happens: Ranges are means over all pictures: with the constants 0, 0.01, 0.5 and 1, and in any order. The
#   constant works between the parts of CalibStridedMinMax alone: with parts of one picture, maxima of 1 to 10 give
#   1.44 with 0.01, and 9.56 the other way round, where the mean is 5.5.
# Versions: onnxruntime 1.32.0, onnx 1.23.2
# Why it matters: Whoever tunes the constant sees nothing change. Whoever adds the stride to save memory gets, with the
#   default constant, nearly the range of the first part; a dark one clips all others.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install -q --no-compile --disable-pip-version-check numpy==2.4.6 onnx==1.23.2 onnxruntime==1.32.0
venv/bin/python - <<'EOF'
import logging, sys
import numpy as np, onnx, onnxruntime
from onnx import helper, numpy_helper
from onnxruntime import quantization

logging.getLogger().setLevel(logging.ERROR)
print("onnxruntime", onnxruntime.__version__, "onnx", onnx.__version__)
graph = helper.make_graph(
    [helper.make_node("Conv", ["x", "w"], ["y"], name="y")],
    "g",
    [helper.make_tensor_value_info("x", 1, [1, 1, 4, 4])],
    [helper.make_tensor_value_info("y", 1, [1, 1, 4, 4])],
    [numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "w")],
)
onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=9), "network.onnx")

class Pictures(quantization.CalibrationDataReader):
    def __init__(self, maxima):
        self.feeds = [{"x": np.full((1, 1, 4, 4), maximum, np.float32)} for maximum in maxima]
        self.set_range(0, len(maxima))

    def __len__(self):
        return len(self.feeds)

    def set_range(self, start_index, end_index):
        self.part = iter(self.feeds[start_index:end_index])

    def get_next(self):
        return next(self.part, None)

def largest(maxima, **options):
    """The largest value of x that the quantised network can hold."""
    quantization.quantize_static(
        "network.onnx",
        "quantised.onnx",
        Pictures(maxima),
        activation_type=quantization.QuantType.QUInt8,
        extra_options={"CalibMovingAverage": True, **options},
    )
    for tensor in onnx.load("quantised.onnx").graph.initializer:
        if tensor.name == "x_scale":
            return round(255 * float(numpy_helper.to_array(tensor)), 2)

def average(maxima, constant):
    value = maxima[0]
    for maximum in maxima[1:]:
        value += constant * (maximum - value)
    return round(value, 2)

changed = []

def show(what, maxima, constant, stated, **options):
    expected, seen = average(maxima, constant), largest(maxima, **options)
    print(f"{what}\n  expected: {expected}\n  seen:     {seen}")
    if seen != stated:
        changed.append(what)

rising = list(range(1, 11))
show("maxima 1 to 10", rising, 0.01, 5.5)
for constant in (0.0, 0.5, 1.0):
    show(f"CalibMovingAverageConstant={constant}", rising, constant, 5.5, CalibMovingAverageConstant=constant)
show("maxima 10 to 1", rising[::-1], 0.01, 5.5)
show("maxima 1 to 10, CalibStridedMinMax=1", rising, 0.01, 1.44, CalibStridedMinMax=1)
show("maxima 10 to 1, CalibStridedMinMax=1", rising[::-1], 0.01, 9.56, CalibStridedMinMax=1)
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
