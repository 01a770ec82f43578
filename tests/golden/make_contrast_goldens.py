"""Writes ../trainer/data/: tiny VGGs with random weights, and what PyTorch computes with them about CSD's contrastive
loss (Wang et al., arXiv 2105.11683, equations 4 and 5) and about one step of training. Written from the papers, apart
from trainer/.

    python tests/golden/make_contrast_goldens.py

vgg19.safetensors, vgg16.safetensors, pruned.safetensors: weights as F16, under the names of the published files.

contrast.safetensors, everything computed in double precision, values of images on the scale 0..255:

    low, high, student                              (n, 3, y, x): a batch; `high` is the teacher's output too
    <backbone>.slice.<i>                            activations of high[0], normalized; i from 0
    <case>.crop                                     x, y, width, height
    <case>.negatives                                (anchors, count): images of the batch
    <case>.loss                                     of equation 5, (1)
    <case>.gradient                                 of the loss with respect to `student`
    <case>.gradient_norm                            (1)

where a case is <backbone>.<feature range>.<negatives>. Activations and gradients keep every STRIDE-th value.

step.safetensors: from data/golden_edsr_x3.safetensors at residual scale 1, one step at widths 16 (teacher) and 8:

    l1.16, l1.8, contrast.8, total                  (1)
    sgd.<tensor>, adam.<tensor>                     new minus old value, every STRIDE-th
"""
import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch.func import functional_call

import model_file
from torch_networks import build, mean_of, sliced

STRIDE = 13  # divides no width, height or channel count here
SCALE, BATCH, LOW_HEIGHT, LOW_WIDTH = 3, 4, 11, 12
HEIGHT, WIDTH = SCALE * LOW_HEIGHT, SCALE * LOW_WIDTH

# Simonyan and Zisserman, arXiv 1409.1556, table 1, D and E: output channels of each convolution, "M" for a pool. These have
# the same layers up to relu5_1, but few channels.
VGG = {
    "vgg16": [4, 4, "M", 6, 6, "M", 8, 8, 8, "M", 8, 8, 8, "M", 8],
    "vgg19": [4, 4, "M", 6, 6, "M", 8, 8, 8, 8, "M", 8, 8, 8, 8, "M", 8],
    "pruned": [4, 4, "M", 6, 6, "M", 8, 8, 8, 8, "M", 8, 8, 8, 8, "M", 8],
}
SLICE_WEIGHTS = [1 / 32, 1 / 16, 1 / 8, 1 / 4, 1]
EPSILON = 1e-7
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet


def layers(kind):
    """(name, outputs, first of its block) of each convolution, None for a pool. torchvision counts all layers, that is
    convolutions, ReLUs and pools; the pruned file counts blocks and convolutions."""
    number, block, index = 0, 1, 1
    for outputs in VGG[kind]:
        if outputs == "M":
            number, block, index = number + 1, block + 1, 1
            yield None
        else:
            yield (f"conv{block}{index}" if kind == "pruned" else f"features.{number}"), outputs, index == 1
            number, index = number + 2, index + 1


def random_vgg(kind, generator):
    """Weights of He et al.'s scale, so that all slices contribute, rounded to F16."""
    def draw(*shape, scale):
        return (torch.randn(shape, generator=generator) * scale).numpy().astype(np.float16)

    tensors, inputs = {}, 3
    if kind == "pruned":
        tensors["conv0.weight"], tensors["conv0.bias"] = draw(3, 3, 1, 1, scale=1.5), draw(3, scale=0.5)
    for layer in filter(None, layers(kind)):
        name, outputs, first = layer
        tensors[name + ".weight"] = draw(outputs, inputs, 3, 3, scale=(2 / (9 * inputs)) ** 0.5)
        tensors[name + ".bias"] = draw(outputs, scale=0.3)
        if kind == "pruned" and first:  # the published file has these besides
            tensors[name + "_aux.weight"], tensors[name + "_aux.bias"] = draw(9, outputs, 1, 1, scale=1), draw(9, scale=1)
        inputs = outputs
    return tensors


def features(kind, weights, images, feature_range):
    """The activations after relu1_1, relu2_1, relu3_1, relu4_1, relu5_1."""
    def conv(x, name, padding):
        return F.conv2d(x, weights[name + ".weight"].to(x.dtype), weights[name + ".bias"].to(x.dtype), padding=padding)

    x = images if feature_range == "bytes" else images / 255
    if kind == "pruned":
        x = conv(x, "conv0", 0)
    elif feature_range == "imagenet":
        x = (x - torch.tensor(MEAN, dtype=x.dtype).view(3, 1, 1)) / torch.tensor(DEVIATION, dtype=x.dtype).view(3, 1, 1)
    taps = []
    for layer in layers(kind):
        if layer is None:
            x = F.max_pool2d(x, 2)
            continue
        name, _, first = layer
        x = torch.relu(conv(F.pad(x, (1, 1, 1, 1), mode="reflect"), name, 0) if kind == "pruned" else conv(x, name, 1))
        if first:
            taps.append(x)
    return taps


def contrast(kind, weights, feature_range, mode, student, teacher, low, crop, negatives):
    """Equation 5 as the authors average it, with means over the batch in numerator and denominator."""
    x, y, width, height = crop

    def of(images):
        return features(kind, weights, images[..., y : y + height, x : x + width], feature_range)

    anchors = len(negatives)
    upscaled = F.interpolate(low, scale_factor=SCALE, mode="bilinear" if mode == "flipped" else "bicubic")
    with torch.no_grad():
        near, far = of(teacher[:anchors]), of(upscaled)
    loss = 0
    for i, ours in enumerate(of(student[:anchors])):
        to_teacher = (near[i] - ours).abs().mean()
        to_negatives = sum((far[i][j] - ours[a]).abs().mean() for a, images in enumerate(negatives) for j in images)
        loss = loss + SLICE_WEIGHTS[i] * to_teacher / (to_negatives / anchors + EPSILON)
    return loss


def gradient_of(loss, at):
    at = at.clone().requires_grad_()
    value = loss(at)
    return value.detach(), torch.autograd.grad(value, at)[0]


def difference(a, b):
    return ((a - b).norm() / b.norm()).item()


def thin(tensor):
    return as_file(tensor.reshape(-1)[::STRIDE])


def as_file(values):
    return np.atleast_1d(np.asarray(values)).astype(np.float32)


FULL, CROPPED = (0, 0, WIDTH, HEIGHT), (3, 1, 32, 32)
ALL = list(range(BATCH))
# Range, how negatives are chosen, crop, negatives by anchor.
CASES = [
    ("imagenet", "others", FULL, [[1, 3], [2, 0], [3, 1], [0, 1]]),
    ("imagenet", "paper", CROPPED, [ALL[:3]] * BATCH),
    ("imagenet", "flipped", FULL, [ALL[-2:]] * BATCH),
    ("unit", "others", CROPPED, [[3, 2], [0, 3], [1, 0]]),
    ("bytes", "paper", FULL, [ALL] * BATCH),
]


def contrast_goldens(backbones, images):
    tensors = {name: image.numpy() for name, image in images.items()}
    double = {name: image.double() for name, image in images.items()}
    for kind, weights in backbones.items():
        for i, activations in enumerate(features(kind, weights, double["high"][:1], "imagenet")):
            tensors[f"{kind}.slice.{i}"] = thin(activations[0])
        for feature_range, mode, crop, negatives in CASES:
            def loss(student):
                return contrast(kind, weights, feature_range, mode, student, *(images[name].to(student.dtype)
                                for name in ("high", "low")), crop, negatives)

            value, gradient = gradient_of(loss, double["student"])
            # Near a kink (ReLU, absolute difference) rounding decides, and no implementation could be tested.
            apart = difference(gradient_of(loss, images["student"].float())[1].double(), gradient)
            case = f"{kind}.{feature_range}.{mode}"
            print(f"{case:26} loss {value.item():.6f} gradient {gradient.norm().item():.2e}, in float {apart:.1e} apart")
            assert apart < 1e-4, "choose another seed"
            tensors |= {case + ".crop": as_file(crop), case + ".negatives": as_file(negatives),
                        case + ".loss": as_file(value), case + ".gradient": thin(gradient),
                        case + ".gradient_norm": as_file(gradient.norm())}
    return tensors


TEACHER, STUDENT = 16, 8
LAMBDA_TEACHER, LAMBDA_CONTRAST = 0.5, 20
RATE = 1.0  # far above the rounding of a parameter


def step_losses(network, state, modules, backbone, images):
    def output(width):
        narrow = sliced(network, state, modules[width].state_dict())
        mean = mean_of(network, images["low"])
        return functional_call(modules[width], narrow, images["low"] * (network.range / 255) - mean) + mean

    teacher, student = output(TEACHER), output(STUDENT)
    losses = {f"l1.{TEACHER}": (teacher - images["high"]).abs().mean(),
              f"l1.{STUDENT}": (student - images["high"]).abs().mean(),
              f"contrast.{STUDENT}": contrast("vgg19", backbone, "imagenet", "paper", student, teacher.detach(),
                                              images["low"], FULL, [ALL] * BATCH)}
    total = (losses[f"l1.{STUDENT}"] + LAMBDA_TEACHER * losses[f"l1.{TEACHER}"] +
             LAMBDA_CONTRAST * losses[f"contrast.{STUDENT}"])
    return losses | {"total": total}


def gradients(network, weights, dtype, backbone, images):
    state = {name: torch.from_numpy(array.copy()).to(dtype).requires_grad_() for name, array in weights.items()}
    modules = {width: build(network, width).to(dtype) for width in (TEACHER, STUDENT)}
    losses = step_losses(network, state, modules, backbone, {name: image.to(dtype) for name, image in images.items()})
    losses["total"].backward()
    return losses, state


def updated(optimizer, state):
    """How far the optimizer moves each tensor in its first step."""
    moved = {name: tensor.detach().clone().requires_grad_() for name, tensor in state.items()}
    for name, tensor in moved.items():
        tensor.grad = state[name].grad
    optimizer(moved.values(), lr=RATE).step()
    return {name: tensor.detach() - state[name].detach() for name, tensor in moved.items()}


def step_goldens(backbone, images):
    network, weights = model_file.read_model(Path(__file__).resolve().parent / "data" / "golden_edsr_x3.safetensors")
    network = replace(network, res_scale=1.0)
    losses, state = gradients(network, weights, torch.double, backbone, images)
    _, in_float = gradients(network, weights, torch.float, backbone, images)
    apart = max(difference(in_float[name].grad.double(), tensor.grad) for name, tensor in state.items())
    # Adam's first step is g / (|g| + 1e-8), so rounding must not decide a sign either.
    unsure = max(((in_float[name].grad.double() - tensor.grad).abs() / (tensor.grad.abs() + 1e-8)).max().item()
                 for name, tensor in state.items())
    print("step", {name: round(loss.item(), 4) for name, loss in losses.items()},
          f"gradients in float {apart:.1e} apart, a single one at most {unsure:.1e}")
    assert apart < 1e-4 and unsure < 0.1, "choose another seed"
    tensors = {name: as_file(loss.detach()) for name, loss in losses.items()}
    for key, optimizer in (("sgd", torch.optim.SGD), ("adam", torch.optim.Adam)):
        tensors |= {f"{key}.{name}": thin(moved) for name, moved in updated(optimizer, state).items()}
    return tensors


def random_images(generator):
    """Images in quarters, which F16 has exactly. The student's output is near the teacher's, as after training."""
    low = torch.randint(0, 256, (BATCH, 3, LOW_HEIGHT, LOW_WIDTH), generator=generator).float()
    smooth = F.interpolate(low, scale_factor=SCALE, mode="bicubic")
    high = smooth + 20 * torch.randn(smooth.shape, generator=generator)
    student = high + 6 * torch.randn(smooth.shape, generator=generator)
    images = {"low": low, "high": high, "student": student}
    return {name: ((image.clamp(0, 255) * 4).round() / 4).half() for name, image in images.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[1] / "trainer" / "data")
    out = parser.parse_args().out
    out.mkdir(parents=True, exist_ok=True)
    torch.set_num_threads(1)
    generator = torch.Generator().manual_seed(1)
    images = random_images(generator)
    versions = {"torch": torch.__version__}
    backbones = {}
    for kind in VGG:
        weights = random_vgg(kind, generator)
        model_file.write_tensors(out / f"{kind}.safetensors", weights, {"notes": "random numbers, for tests only"})
        backbones[kind] = {name: torch.from_numpy(array) for name, array in weights.items()}
    model_file.write_tensors(out / "contrast.safetensors", contrast_goldens(backbones, images), versions)
    images = {"low": images["low"], "high": images["high"]}
    model_file.write_tensors(out / "step.safetensors", step_goldens(backbones["vgg19"], images), versions)


if __name__ == "__main__":
    main()
