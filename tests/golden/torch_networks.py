"""EDSR, RCAN, CARN, CARN-M and compact in PyTorch, written from the papers: a second opinion on networks/.

Independent on purpose: nothing here is generated from networks/. Module paths equal our tensor names, so a state_dict
is a weights file; `sliced` narrows one to its leading channels.

  EDSR  Lim et al., Enhanced Deep Residual Networks, arXiv 1707.02921
  RCAN  Zhang et al., Residual Channel Attention Networks, arXiv 1807.02758
  CARN  Ahn et al., Cascading Residual Network, arXiv 1803.08664
  compact  SRVGGNetCompact of Wang et al., Real-ESRGAN, arXiv 2107.10833, with a residual over the body

A module maps (n, colors, y, x), mean subtracted and in the network's own range, to the same kind at `scale` times the
size; `upscale` wraps it for images on the 0..255 scale.
"""
import torch
from torch import nn
from torch.nn.functional import interpolate, pixel_shuffle, prelu, relu

from network import Network  # noqa: F401: its users know it from here


def conv3(inputs, outputs, groups=1):
    return nn.Conv2d(inputs, outputs, 3, padding=1, groups=groups)


def conv1(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 1)


class Upsampler(nn.ModuleList):
    """Stages (x4 has two of x2) of a convolution to s*s times the channels, a ReLU in CARN only, and a pixel shuffle."""

    def __init__(self, channels, scale, groups=1, activation=None):
        self.factors = {1: [], 4: [2, 2]}.get(scale, [scale])
        super().__init__(conv3(channels, s * s * channels, groups) for s in self.factors)
        self.activation = activation

    def forward(self, x):
        for conv, s in zip(self, self.factors):
            x = conv(x)
            x = pixel_shuffle(self.activation(x) if self.activation else x, s)
        return x


class Residual(nn.Module):
    """children "0", "1", ... in sequence, then the convolution `end`, and a skip over all of them."""

    def __init__(self, children, channels):
        super().__init__()
        self.steps = len(children)
        for i, child in enumerate(children):
            self.add_module(str(i), child)
        self.end = conv3(channels, channels)

    def forward(self, x):
        y = x
        for i in range(self.steps):
            y = getattr(self, str(i))(y)
        return x + self.end(y)


class EdsrBlock(nn.Module):
    def __init__(self, c, res_scale):
        super().__init__()
        self.conv1, self.conv2, self.res_scale = conv3(c, c), conv3(c, c), res_scale

    def forward(self, x):
        r = self.conv2(relu(self.conv1(x)))
        return x + (r if self.res_scale == 1 else self.res_scale * r)


class Edsr(nn.Module):
    def __init__(self, net, c):
        super().__init__()
        self.head = conv3(net.colors, c)
        self.body = Residual([EdsrBlock(c, net.res_scale) for _ in range(net.blocks)], c)
        self.up = Upsampler(c, net.scale)
        self.tail = conv3(c, net.colors)

    def forward(self, x):
        return self.tail(self.up(self.body(self.head(x))))


class ChannelAttention(nn.Module):
    def __init__(self, c, reduction):
        super().__init__()
        self.squeeze, self.expand = conv1(c, c // reduction), conv1(c // reduction, c)

    def forward(self, x):
        mean = x.mean(dim=(2, 3), keepdim=True)
        return x * torch.sigmoid(self.expand(relu(self.squeeze(mean))))


class RcanBlock(nn.Module):
    def __init__(self, c, reduction):
        super().__init__()
        self.conv1, self.conv2, self.attention = conv3(c, c), conv3(c, c), ChannelAttention(c, reduction)

    def forward(self, x):
        return x + self.attention(self.conv2(relu(self.conv1(x))))


class RcanGroup(nn.Module):
    def __init__(self, c, blocks, reduction):
        super().__init__()
        self.blocks = nn.Sequential(*(RcanBlock(c, reduction) for _ in range(blocks)))
        self.end = conv3(c, c)

    def forward(self, x):
        return x + self.end(self.blocks(x))


class Rcan(nn.Module):
    def __init__(self, net, c):
        super().__init__()
        self.head = conv3(net.colors, c)
        self.groups = nn.Sequential(*(RcanGroup(c, net.blocks, net.reduction) for _ in range(net.residual_groups)))
        self.body = nn.Module()
        self.body.end = conv3(c, c)
        self.up = Upsampler(c, net.scale)
        self.tail = conv3(c, net.colors)

    def forward(self, x):
        x = self.head(x)
        return self.tail(self.up(x + self.body.end(self.groups(x))))


class CarnUnit(nn.Module):
    """CARN's residual block, or CARN-M's efficient one, which is grouped and ends in a dense 1x1."""

    def __init__(self, c, groups, efficient):
        super().__init__()
        self.conv1, self.conv2 = conv3(c, c, groups), conv3(c, c, groups)
        if efficient:
            self.pointwise = conv1(c, c)

    def forward(self, x):
        r = self.conv2(relu(self.conv1(x)))
        if hasattr(self, "pointwise"):
            r = self.pointwise(relu(r))
        return relu(r + x)


def cascade(x, steps, merges):
    """After each step, a 1x1 over the input and all the steps' outputs so far, concatenated."""
    concatenated = x
    for step, merge in zip(steps, merges):
        concatenated = torch.cat([concatenated, step(x)], dim=1)
        x = relu(merge(concatenated))
    return x


def merges(count, c):
    return nn.ModuleList(conv1((i + 2) * c, c) for i in range(count))


class CarnBlock(nn.Module):
    def __init__(self, net, c, groups):
        super().__init__()
        self.count = net.blocks
        if net.recursive:
            self.unit = CarnUnit(c, groups, net.group_channels > 0)
        else:
            self.units = nn.ModuleList(CarnUnit(c, groups, net.group_channels > 0) for _ in range(self.count))
        self.merge = merges(self.count, c)

    def forward(self, x):
        return cascade(x, [self.unit] * self.count if hasattr(self, "unit") else self.units, self.merge)


class Carn(nn.Module):
    def __init__(self, net, c):
        super().__init__()
        groups = c // net.group_channels if net.group_channels else 1
        self.head = conv3(net.colors, c)
        self.blocks = nn.ModuleList(CarnBlock(net, c, groups) for _ in range(net.blocks))
        self.merge = merges(net.blocks, c)
        self.up = Upsampler(c, net.scale, groups, activation=relu)
        self.tail = conv3(c, net.colors)

    def forward(self, x):
        return self.tail(self.up(cascade(self.head(x), self.blocks, self.merge)))


class Activated(nn.Conv2d):
    """A 3x3 convolution and its PReLU, whose slopes are the parameter `slope`; `residual` is added between them."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs, 3, padding=1)
        self.slope = nn.Parameter(torch.full((outputs,), 0.25))

    def forward(self, x, residual=0):
        return prelu(super().forward(x) + residual, self.slope)


class Compact(nn.Module):
    def __init__(self, net, c):
        super().__init__()
        self.scale, self.feature_residual = net.scale, net.feature_residual
        self.head = Activated(net.colors, c)
        self.body = nn.ModuleList(Activated(c, c) for _ in range(net.blocks))
        self.tail = conv3(c, net.colors * net.scale**2)

    def forward(self, x):
        x = head = self.head(x)
        for i, conv in enumerate(self.body):
            last = i + 1 == len(self.body)
            x = conv(x, head if last and self.feature_residual else 0)
        return pixel_shuffle(self.tail(x), self.scale)


class WithInput(nn.Module):
    """The network's output plus its input with every pixel repeated."""

    def __init__(self, network, scale):
        super().__init__()
        self.network, self.scale = network, scale

    def forward(self, x):
        # A nearest-neighbour enlargement is a layer of every engine; repeat_interleave has none in ncnn.
        return self.network(x) + interpolate(x, scale_factor=float(self.scale), mode="nearest")

    def state_dict(self, *args, **kwargs):
        return self.network.state_dict(*args, **kwargs)

    def load_state_dict(self, state, *args, **kwargs):
        return self.network.load_state_dict(state)

    @property
    def tail(self):
        return self.network.tail


FAMILIES = {"edsr": Edsr, "rcan": Rcan, "carn": Carn, "compact": Compact}


def build(net, channels, state=None):
    """The module at `channels`; `state` (full width, by our names) is sliced into it."""
    module = FAMILIES[net.family](net, channels).eval()
    if net.input_skip:
        module = WithInput(module, net.scale)
    if state is not None:
        module.load_state_dict(sliced(net, state, module.state_dict()))
        module.to(next(iter(state.values())).dtype)
    return module


def sliced(net, state, shapes):
    """Cuts full-width tensors to the shapes of the narrow `shapes` (a state_dict), to their leading channels. With
    per-segment slicing, a merge takes the leading channels of each concatenated segment. Groups are dropped as a whole, so
    a grouped filter keeps its input channels."""
    if set(state) != set(shapes):
        raise ValueError(f"tensors differ: {sorted(set(state) ^ set(shapes))}")
    narrow = {}
    for name, full in state.items():
        outputs, *inputs = shapes[name].shape
        tensor = full[:outputs]
        if inputs and ".merge." in "." + name and net.slicing == "per_segment":
            tensor = tensor[:, segment_channels(net.channels, full.shape[1], inputs[0])]
        elif inputs:
            tensor = tensor[:, : inputs[0]]
        narrow[name] = tensor
    return narrow


def segment_channels(full_segment, full_inputs, inputs):
    """Indices of the leading channels of each segment."""
    segments = full_inputs // full_segment
    return [s * full_segment + i for s in range(segments) for i in range(inputs // segments)]


def mean_of(net, like):
    return torch.tensor(net.mean[: net.colors], dtype=like.dtype).view(1, -1, 1, 1) * net.range


def upscale(net, module, image):
    """image: (n, colors, y, x) on the 0..255 scale; so is the result, not clamped."""
    mean = mean_of(net, image)
    with torch.no_grad():
        return (module(image * (net.range / 255) - mean) + mean) * (255 / net.range)


def random_state(net, seed):
    """Full-width float32 weights, drawn so that every layer keeps the scale of its input and the output of a noise image
    has a standard deviation of 50 on the 0..255 scale, at which errors show and nothing overflows."""
    torch.manual_seed(seed)
    module = build(net, net.channels)
    for tensor in module.state_dict().values():
        fan_in = tensor[0].numel() if tensor.dim() > 1 else 0
        tensor.copy_(torch.randn_like(tensor) * (fan_in**-0.5 if fan_in else 0.02 * net.range))
    for name, tensor in module.state_dict().items():
        if name.endswith(".slope"):
            tensor.copy_(torch.randn_like(tensor) * 0.4)
    noise = torch.randint(0, 256, (1, net.colors, 24, 24)).float()
    without_input = module.network if net.input_skip else module
    deviation = upscale(net, without_input, noise).std().item()
    module.tail.weight.data *= 50 / deviation
    return {name: tensor.clone() for name, tensor in module.state_dict().items()}
