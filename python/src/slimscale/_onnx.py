"""A trained file as an ONNX graph at one channel count."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

import numpy as np

from . import _core
from ._errors import Error, InvalidArgument, Status, UntrainedChannels
from ._models import models

_IR_VERSION = 8  # the version that ONNX 1.12 and all later readers take
_SUPERRES_MEAN = (103.1545782, 111.561547, 114.35629928)  # B, G, R, which dnn_superres takes off and adds again


def _trained_file(file: str | os.PathLike[str]) -> str:
    """A path, or the file that comes with a model of that name."""
    name = os.fspath(file)
    if os.path.exists(name):
        return name
    with_files = {model.name: model.file for model in models() if model.file}
    if name not in with_files:
        raise InvalidArgument(f"{name}: no file, and no model that comes with one; there are: {', '.join(with_files)}")
    return str(with_files[name])


class _Graph:
    """ONNX nodes in the order of the network's nodes."""

    def __init__(self, onnx: Any, has_depth_to_space: bool) -> None:
        self.onnx = onnx
        self.has_depth_to_space = has_depth_to_space
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def constant(self, name: str, values: Any) -> str:
        if name not in self.constants:  # a convolution that is used twice shares its tensors
            self.constants[name] = self.onnx.numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name)
        return name

    def add(self, op: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self.nodes.append(self.onnx.helper.make_node(op, inputs, [output], name=output, **attributes))
        return output

    def convolution(self, node: dict[str, Any], x: str, output: str) -> str:
        edge = node["kernel"] // 2
        tensors = [self.constant(f"{node['name']}.{part}", node[part]) for part in ("weight", "bias")]
        return self.add(
            "Conv", [x, *tensors], output, kernel_shape=[node["kernel"]] * 2, pads=[edge] * 4, strides=[1, 1],
            dilations=[1, 1], group=node["groups"],
        )  # fmt: skip

    def repeated(self, node: dict[str, Any], x: str, output: str) -> str:
        """Repeats each pixel `times` times in y and x, by a 1x1 convolution with ones and a pixel shuffle, which is exact.
        Readers disagree about the sampling positions of Resize."""
        times, channels = node["times"], node["channels"]
        copies = np.repeat(np.eye(channels), times * times, axis=0)[:, :, np.newaxis, np.newaxis]
        wide = self.add(
            "Conv", [x, self.constant(f"{output}.copies", copies)], f"{output}.wide", kernel_shape=[1, 1],
            pads=[0] * 4, strides=[1, 1], dilations=[1, 1], group=1,
        )  # fmt: skip
        return self.shuffled(times, channels, wide, output)

    def shuffled(self, times: int, channels: int, x: str, output: str) -> str:
        """A pixel shuffle to `channels`, in the order of PyTorch's."""
        if self.has_depth_to_space:
            return self.add("DepthToSpace", [x], output, blocksize=times, mode="CRD")
        # A transposed convolution whose filters put each value into its place: times one, plus zeros, which is exact.
        places = np.tile(np.eye(times * times).reshape(-1, 1, times, times), (channels, 1, 1, 1))
        return self.add(
            "ConvTranspose", [x, self.constant(f"{output}.places", places)], output, kernel_shape=[times] * 2,
            strides=[times] * 2, pads=[0] * 4, dilations=[1, 1], group=channels,
        )  # fmt: skip

    def pixelwise(self, matrix: Any, bias: Any, x: str, output: str) -> str:
        """matrix * color + bias in every pixel."""
        weight = self.constant(f"{output}.matrix", np.asarray(matrix)[:, :, np.newaxis, np.newaxis])
        return self.add(
            "Conv", [x, weight, self.constant(f"{output}.bias", bias)], output, kernel_shape=[1, 1], pads=[0] * 4,
            strides=[1, 1], dilations=[1, 1], group=1,
        )  # fmt: skip

    def node(self, node: dict[str, Any], inputs: list[str], output: str) -> str:
        op = node["op"]
        if op == "conv":
            return self.convolution(node, inputs[0], output)
        if op == "prelu":
            slope = self.constant(f"{node['name']}.slope", np.reshape(node["slope"], (-1, 1, 1)))
            return self.add("PRelu", [inputs[0], slope], output)
        if op == "scale":
            return self.add("Mul", [inputs[0], self.constant(f"{output}.factor", node["factor"])], output)
        if op == "shuffle":
            return self.shuffled(node["times"], node["channels"], inputs[0], output)
        if op == "repeat":
            return self.repeated(node, inputs[0], output)
        if op == "concat":
            return self.add("Concat", inputs, output, axis=1)
        simple = {"relu": "Relu", "sigmoid": "Sigmoid", "add": "Add", "mul": "Mul", "global_average_pool": "GlobalAveragePool"}
        if op not in simple:
            raise Error(f"the network has an operation that is not exported yet: {op}")
        return self.add(simple[op], inputs, output)


def export_onnx(
    file: str | os.PathLike[str],
    channels: int,
    output: str | os.PathLike[str] | None = None,
    *,
    opset: int = 17,
    size: tuple[int, int] | None = None,
    allow_untrained: bool = False,
    reader: Literal["any", "dnn_superres"] = "any",
) -> Path:
    """Writes a trained file as an ONNX graph at one channel count, and returns the graph's path. Needs the package onnx.

    The graph has one input, "input" (n, colors, y, x), and one output, "output" (n, colors, scale*y, scale*x), float32, RGB
    (or luma), white at 1, not clamped: the mean and the range are inside. It agrees with the compiled network within 0.01 of
    255 levels in f32. It is written for the given opset; convolutions have explicit pads, and there is no Resize.

    Parameters
    ----------
    file
        A trained file (.safetensors), or the name of a model that comes with one (Model.file).
    channels
        Feature channels of the graph: a channel count of the network, a trained one unless `allow_untrained`.
    output
        Path to write; None: "<name>_<channels>.onnx" in the current folder.
    opset
        13 to 21.
    size
        (y, x) of the input in pixels, for readers that want fixed sizes; None: any size, and any n.
    reader
        "dnn_superres": a graph for that class of OpenCV 5.1, which gives it the values of its own EDSR (blue first, 0 to 255,
        less a mean) and misreads the operator DepthToSpace, which this graph lacks. Read it under the name "edsr". For
        color networks.
    """
    try:
        import onnx
        import onnx.helper
        import onnx.numpy_helper
    except ImportError as missing:
        raise Error("export_onnx needs the package onnx: pip install onnx") from missing
    if not 13 <= opset <= 21:
        raise InvalidArgument(f"opset={opset}: the graph is written for opsets 13 to 21")
    if reader not in ("any", "dnn_superres"):
        raise InvalidArgument(f'reader={reader!r}: it is "any" or "dnn_superres"')
    network = _core.network_graph(_trained_file(file), channels)
    if reader == "dnn_superres" and network["colors"] != 3:
        raise InvalidArgument(f"{network['name']} is a network of luma, and dnn_superres's edsr takes color")
    if channels not in network["trained"] and not allow_untrained:
        trained = ", ".join(map(str, network["trained"]))
        raise UntrainedChannels(
            f"{network['name']} was never trained at {channels} channels (it was at {trained}): the picture would be wrong; "
            "allow_untrained=True writes the graph anyway",
            Status.UNTRAINED_CHANNELS,
        )
    for_superres = reader == "dnn_superres"
    graph = _Graph(onnx, has_depth_to_space=not for_superres)
    colors, scale = network["colors"], network["scale"]
    if for_superres:
        turn, white = np.eye(3)[::-1], network["range"] / 255
        mean_bgr = np.asarray(_SUPERRES_MEAN) - 255 * np.asarray(network["mean"])[::-1]
        values = [graph.pixelwise(turn * white, mean_bgr[::-1] * white, "input", "values")]
    else:
        mean = graph.constant("mean", np.reshape(network["mean"][:colors], (-1, 1, 1)))
        span = graph.constant("range", network["range"])
        values = [graph.add("Mul", [graph.add("Sub", ["input", mean], "centered"), span], "values")]
    for index, node in enumerate(network["nodes"][1:], 1):
        name = node.get("name", node["op"])
        values.append(graph.node(node, [values[i] for i in node["inputs"]], f"{index}.{name}"))
    if for_superres:
        graph.pixelwise(turn / white, -mean_bgr, values[network["output"]], "output")
    else:
        shares = graph.add("Div", [values[network["output"]], span], "shares")
        graph.add("Add", [shares, mean], "output")

    helper = onnx.helper
    sizes: list[Any] = ["n", colors, *(size or ("y", "x"))]
    large: list[Any] = ["n", colors, *((size[0] * scale, size[1] * scale) if size else (f"{scale}y", f"{scale}x"))]
    if size:
        sizes[0] = large[0] = 1
    proto = helper.make_graph(
        graph.nodes,
        f"{network['name']}_{channels}",
        [helper.make_tensor_value_info("input", onnx.TensorProto.FLOAT, sizes)],
        [helper.make_tensor_value_info("output", onnx.TensorProto.FLOAT, large)],
        list(graph.constants.values()),
    )
    model = helper.make_model(
        proto, opset_imports=[helper.make_opsetid("", opset)], ir_version=_IR_VERSION, producer_name="slimscale"
    )
    about = {**network["metadata"], "channels": str(channels)}
    about.update({key: network[key] for key in ("license", "source", "notes") if network[key]})
    helper.set_model_props(model, about)
    onnx.checker.check_model(model, full_check=True)
    path = Path(output) if output is not None else Path(f"{network['name']}_{channels}.onnx")
    onnx.save(model, os.fspath(path))
    return path
