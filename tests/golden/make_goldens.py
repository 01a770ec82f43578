"""Writes data/: small networks with random weights, and what PyTorch computes with them. See README.md.

    python tests/golden/make_goldens.py

Per case a weights file <case>.safetensors, as the tools read it, and <case>.golden.safetensors with tensors

    input.<width>x<height>                              (colors, y, x), whole numbers 0..255
    output.<width>x<height>.<channels>.<slicing>        (colors, scale*y, scale*x), same range, not clamped

Weights are stored as F16 to keep the files small: PyTorch computes with what F16 holds, in double precision, so nothing
is lost by it.
"""
import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

import model_file
from torch_networks import Network, build, random_state, upscale

# Width, height: odd, no multiple of any tile or vector; and the smallest. They are small since outputs take most bytes.
SIZES = {1: [(13, 9), (1, 1)], 2: [(13, 9), (1, 1)], 3: [(13, 9), (1, 1)], 4: [(7, 5), (1, 1)]}


def cases():
    """(network, widths). x2 has the structure of the papers; x3 and x4 have smaller bodies before their upsamplers."""
    for scale in (2, 3, 4):
        less = scale > 2
        edsr = Network(f"golden_edsr_x{scale}", "edsr", scale, channels=16 if less else 32, blocks=2, res_scale=0.25)
        rcan = Network(f"golden_rcan_x{scale}", "rcan", scale, channels=16, blocks=1 if less else 2,
                       residual_groups=1 if less else 2, reduction=4)
        # The slicing that the file records is compiled, so one scale of each has that of the CSD authors.
        carn = Network(f"golden_carn_x{scale}", "carn", scale, channels=16, blocks=1 if less else 3, range=1.0,
                       slicing="leading" if scale == 4 else "per_segment")
        carn_m = Network(f"golden_carn_m_x{scale}", "carn", scale, channels=32, blocks=1 if less else 3, range=1.0,
                         group_channels=16, recursive=True, slicing="leading" if scale == 3 else "per_segment")
        for network in (edsr, rcan, carn, carn_m):
            yield network, [network.channels // 2, network.channels]
    yield Network("golden_edsr_luma_x2", "edsr", 2, colors=1, channels=16, blocks=2), [8, 16]
    for scale in (1, 2, 4):
        yield Network(f"golden_edsr_skip_x{scale}", "edsr", scale, channels=16, blocks=1, input_skip=True), [8, 16]
    for scale in (1, 2, 3, 4):
        yield Network(f"golden_compact_x{scale}", "compact", scale, channels=24, blocks=2, input_skip=scale != 3,
                      feature_residual=scale != 2, colors=1 if scale == 1 else 3), [8, 24]


def as_f16(state):
    return {name: tensor.numpy().astype(np.float16) for name, tensor in state.items()}


def slicings(network, channels):
    """At full width, and without a concatenation, there is only one way to slice."""
    sliced_concat = network.family == "carn" and channels < network.channels
    return ["leading", "per_segment"] if sliced_concat else [network.slicing]


def golden(network, widths, weights, generator):
    tensors = {}
    state = {name: torch.from_numpy(array).double() for name, array in weights.items()}
    for width, height in SIZES[network.scale]:
        size = f"{width}x{height}"
        image = torch.randint(0, 256, (1, network.colors, height, width), generator=generator).double()
        tensors[f"input.{size}"] = image[0].numpy().astype(np.float32)
        for channels in widths:
            for slicing in slicings(network, channels):
                module = build(replace(network, slicing=slicing), channels, state)
                output = upscale(network, module, image)
                tensors[f"output.{size}.{channels}.{slicing}"] = output[0].numpy().astype(np.float32)
    return tensors


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent / "data")
    parser.add_argument("--only", nargs="*", default=[], help="names of the cases to write; default: all")
    arguments = parser.parse_args()
    out, only = arguments.out, arguments.only
    out.mkdir(parents=True, exist_ok=True)
    generator = torch.Generator().manual_seed(1)
    for seed, (network, widths) in enumerate(cases(), start=1):
        weights = as_f16(random_state(network, seed))
        if only and network.name not in only:
            continue
        model_file.write_model(out / f"{network.name}.safetensors", network, weights, widths, "for tests only")
        tensors = golden(network, widths, weights, generator)
        model_file.write_tensors(out / f"{network.name}.golden.safetensors", tensors, {"torch": torch.__version__})
        outputs = [tensor for name, tensor in tensors.items() if name.startswith("output.") and ".1x1." not in name]
        deviations = [round(float(tensor.std())) for tensor in outputs]
        print(f"{network.name:22} standard deviation of the outputs {deviations}")


if __name__ == "__main__":
    main()
