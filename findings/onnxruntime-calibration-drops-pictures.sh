#!/usr/bin/env bash
# ONNX Runtime's CalibMaxIntermediateOutputs throws calibration pictures away: of ten, the value 4 leaves the last two.
#
# Guess: "If set to an integer, during calculation of the min-max range of the tensors it will load at max value number
#   of outputs before computing and merging the range. This will produce the same result as all computing with None, but
#   is more memory efficient" (documentation of quantize_static).
# What happens: Whenever so many pictures have been run, their outputs are deleted and no range is computed. Only the
#   remainder behind the last full group counts, without a message. Where the value divides the number of pictures,
#   nothing is left, and quantize_static raises "No data is collected".
# Versions: onnxruntime 1.32.0, onnx 1.23.2
# Why it matters: The option is for sets of pictures that do not fit the memory. Ranges then come from one or two of
#   them, brighter ones are clipped, and the quality that is lost looks like that of int8.
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
        self.feeds = iter([{"x": np.full((1, 1, 4, 4), maximum, np.float32)} for maximum in maxima])

    def get_next(self):
        return next(self.feeds, None)

def largest(options):
    """The largest value of x that the network can hold, quantised with ten pictures whose maxima are 10, 9 ... 1."""
    try:
        quantization.quantize_static(
            "network.onnx",
            "quantised.onnx",
            Pictures(range(10, 0, -1)),
            activation_type=quantization.QuantType.QUInt8,
            extra_options=options,
        )
    except ValueError as error:
        return str(error)
    for tensor in onnx.load("quantised.onnx").graph.initializer:
        if tensor.name == "x_scale":
            return round(255 * float(numpy_helper.to_array(tensor)), 2)

changed = []
nothing = "No data is collected."
stated_of = {None: 10.0, 11: 10.0, 7: 3.0, 4: 2.0, 3: 1.0, 10: nothing, 5: nothing, 1: nothing}
for outputs, stated in stated_of.items():
    seen = largest({} if outputs is None else {"CalibMaxIntermediateOutputs": outputs})
    print(f"CalibMaxIntermediateOutputs={outputs}\n  expected: 10.0\n  seen:     {seen}")
    if seen != stated:
        changed.append(str(outputs))
sys.exit("no longer as stated: " + "; ".join(changed) if changed else 0)
EOF
