"""Turns one width of a network into what each peer loads: a folder with network.pt, network.onnx, network.ncnn.*.

All engines get the same folded network: EDSR's residual scale multiplied into the second convolution, the mean taken
off before and put back after, outside of what is timed.
"""
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import torch

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "golden"))
import torch_networks  # noqa: E402


def folded_state(net, state):
    """`state` with the residual scale multiplied into the second convolution of every block."""
    if net.family != "edsr":
        return state
    return {name: tensor * net.res_scale if ".conv2." in name else tensor for name, tensor in state.items()}


def folded(net, channels, state):
    return torch_networks.build(replace(net, res_scale=1.0), channels, folded_state(net, state))


def load_folded(folder):
    return torch.load(folder / "network.pt", weights_only=False)


def export(net, channels, state, image, folder):
    """`image` (1, colors, y, x) fixes the size that the networks are exported for."""
    folder.mkdir(parents=True, exist_ok=True)
    module = folded(net, channels, state)
    torch.save(module, folder / "network.pt")
    with torch.no_grad(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module, (image,), str(folder / "network.onnx"), dynamo=False, opset_version=17)
        torch.jit.trace(module, image).save(str(folder / "traced.pt"))
    to_ncnn(folder, image.shape)


def to_ncnn(folder, shape):
    command = [str(Path(sys.executable).with_name("pnnx")), "traced.pt", f"inputshape={list(shape)}".replace(" ", ""),
               "fp16=0", "ncnnparam=network.ncnn.param", "ncnnbin=network.ncnn.bin"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    if done.returncode or not (folder / "network.ncnn.bin").exists():
        raise RuntimeError(f"pnnx could not convert the network: {(done.stderr or done.stdout).strip()[-300:]}")
