"""Exports one width of a network for the peers that are asked for: network.pt, network.onnx and network.ncnn.* in a
folder. quantized.py makes the int8 networks from them.

All engines get the same folded network: EDSR's residual scale is multiplied into the second convolution, and the mean is
subtracted before and added after, outside of what is timed. With a collapsed tail, the up-sampler and the last
convolution, between which EDSR and RCAN have nothing else, become one 5x5 convolution before the pixel shuffle.
"""
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "golden"))
import torch_networks  # noqa: E402

REACH = 2  # input pixels on each side that up-sampler and tail read together, at every scale


def folded_state(net, state):
    """`state` with the residual scale multiplied into the second convolution of every block."""
    if net.family != "edsr":
        return state
    return {name: tensor * net.res_scale if ".conv2." in name else tensor for name, tensor in state.items()}


def folded(net, channels, state):
    return torch_networks.build(replace(net, res_scale=1.0), channels, folded_state(net, state))


def load_folded(folder):
    return torch.load(folder / "network.pt", weights_only=False)


def collapse_tail(net, module):
    """One convolution for up-sampler and tail, from their answers to impulses in double precision. It computes the same,
    except within collapsed_border() of the border, since the two convolutions pad separately."""
    if net.family == "carn":
        raise RuntimeError("CARN's up-sampler has ReLUs between its convolutions; its tail cannot be collapsed")
    s, c, middle = net.scale, module.tail.in_channels, 2 * REACH
    linear = nn.Sequential(module.up, module.tail).double()
    impulses = torch.zeros(c, c, 2 * middle + 1, 2 * middle + 1, dtype=torch.double)
    impulses[range(c), range(c), middle, middle] = 1
    with torch.no_grad():
        constant = linear(torch.zeros_like(impulses[:1]))
        # (input, color, y, phase y, x, phase x) -> (color, phase y, phase x, input, y, x), and the taps mirrored
        answers = (linear(impulses) - constant).unflatten(3, (-1, s)).unflatten(2, (-1, s))
        taps = answers[:, :, REACH : 3 * REACH + 1, :, REACH : 3 * REACH + 1].flip(2, 4).permute(1, 3, 5, 0, 2, 4)
        conv = nn.Conv2d(c, net.colors * s * s, 2 * REACH + 1, padding=REACH)
        conv.weight.copy_(taps.flatten(0, 2))
        conv.bias.copy_(constant[0, :, s * middle : s * (middle + 1), s * middle : s * (middle + 1)].flatten())
    module.up, module.tail = nn.Sequential(conv, nn.PixelShuffle(s)), nn.Identity()
    return module


def collapsed_border(scale):
    """The output pixels on each side that differ. x4 has two stages, whose borders add up."""
    return 3 if scale == 4 else 1


def export(net, channels, state, image, folder, engines, collapsed=False):
    """Exports for the size of `image`, (1, colors, y, x)."""
    folder.mkdir(parents=True, exist_ok=True)
    module = folded(net, channels, state)
    if collapsed:
        module = collapse_tail(net, module)
    torch.save(module, folder / "network.pt")
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if {"onnxruntime", "openvino", "openvino_nncf"} & set(engines):
            torch.onnx.export(module, (image,), str(folder / "network.onnx"), dynamo=False, opset_version=17,
                              input_names=["values"])
        if "ncnn" in engines:
            small = image[..., :32, :32]  # ncnn's files name no size, and pnnx takes minutes for a large one
            torch.jit.trace(module, small).save(str(folder / "traced.pt"))
            to_ncnn(folder, small.shape)


def to_ncnn(folder, shape):
    command = [str(Path(sys.executable).with_name("pnnx")), "traced.pt", f"inputshape={list(shape)}".replace(" ", ""),
               "fp16=0", "ncnnparam=network.ncnn.param", "ncnnbin=network.ncnn.bin"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode or not (folder / "network.ncnn.bin").exists():
        raise RuntimeError(f"pnnx could not convert the network: {(done.stderr or done.stdout).strip()[-300:]}")
