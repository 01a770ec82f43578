"""The zoo's networks in PyTorch on an NVIDIA GPU: the same weights, widths and inputs as bench_widths.

    python bench/gpu_torch.py --json build/gpu/torch.json
    python bench/gpu_torch.py --model weights/zoo/edsr_small_x2.safetensors --channels 16 --sizes 1920x1080
    python bench/gpu_torch.py --cpu --sizes 64x48       the part that runs without a GPU

Needs torch and numpy. First the network is compared with our compiled one on the CPU (build/bin/slimscale, through PNG
files of 16 bits), then every variant's output with PyTorch's in double precision, on the 0..255 scale. Times are those
between CUDA events around a frame of floats in the GPU's memory, mean subtracted: medians over interleaved rounds. Our
times are of 8-bit images in host memory; rows named "host images" do that work, too. cuDNN chooses its algorithms by
measuring; torch.compile runs with CUDA graphs. A variant that does not run is reported and left out.
"""
import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

import png16

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "golden"))
import model_file  # noqa: E402
import torch_networks  # noqa: E402

WARM_UP = 3  # untimed frames at first, for compilation, the choice of algorithms and CUDA graphs
FRAMES_PER_TURN = 10

# Half a step of our 16-bit file, 255/65535, and what sums in another order may differ by.
MAX_DIFFERENCE_FROM_OURS = 1e-3 + 0.5 * 255 / 65535
CHECK_SIZE = 61, 47  # width and height, which are no multiples of any tile

# The largest difference in an image on the 0..255 scale. f32 sums differ by 1e-3 at most; the others keep 10 bits.
MAX_DIFFERENCE = {"f32": 0.02, "tf32": 10, "f16": 10}


@dataclass(frozen=True)
class Variant:
    precision: str  # "f32", "tf32", "f16"
    layout: str = "contiguous"  # or "channels_last"
    compiled: bool = False
    host: bool = False  # 8-bit images in host memory, there and back

    @property
    def engine(self):
        name = "torch.compile" if self.compiled else "torch"
        return " ".join([name, *(["channels_last"] if self.layout == "channels_last" else []),
                         *(["host images"] if self.host else [])])

    @property
    def kind(self):
        return torch.float16 if self.precision == "f16" else torch.float32

    @property
    def memory_format(self):
        return torch.channels_last if self.layout == "channels_last" else torch.contiguous_format


def variants(device):
    precisions = ["f32", "tf32", "f16"] if device == "cuda" else ["f32"]
    for precision in precisions:
        yield Variant(precision)
        yield Variant(precision, "channels_last")
        yield Variant(precision, "channels_last", compiled=True)
        if device == "cuda":
            yield Variant(precision, "channels_last", host=True)


def allow_tf32(allowed):
    torch.backends.cudnn.allow_tf32 = allowed
    torch.backends.cuda.matmul.allow_tf32 = allowed


class Subject:
    """A variant of one network, ready to run `image`, (1, colors, y, x) of uint8 in host memory."""

    def __init__(self, variant, network, module, image, device):
        self.variant, self.network, self.device, self.times = variant, network, device, []
        self.module = module.to(device, variant.kind, memory_format=variant.memory_format)
        self.mean = torch_networks.mean_of(network, torch.zeros(1)).to(device)
        if variant.compiled:
            self.module = torch.compile(self.module, mode="reduce-overhead" if device == "cuda" else "default")
        self.image = image.pin_memory() if device == "cuda" else image
        self.values = self.to_values(self.image.to(device))
        scale = network.scale
        if variant.host:
            shape = 1, network.colors, scale * image.shape[2], scale * image.shape[3]
            self.result = torch.empty(shape, dtype=torch.uint8, pin_memory=True)
        for _ in range(WARM_UP):
            self.frame()

    def to_values(self, image):
        values = image.float() * (self.network.range / 255) - self.mean
        return values.to(self.variant.kind, memory_format=self.variant.memory_format)

    def to_image(self, values):
        return (values.float() + self.mean) * (255 / self.network.range)

    def network_alone(self, values):
        if self.variant.compiled and self.device == "cuda":
            torch.compiler.cudagraph_mark_step_begin()
        return self.module(values)

    def frame(self):
        """Returns the network's own values."""
        allow_tf32(self.variant.precision == "tf32")
        with torch.no_grad():
            if not self.variant.host:
                return self.network_alone(self.values)
            values = self.network_alone(self.to_values(self.image.to(self.device, non_blocking=True)))
            self.result.copy_(self.to_image(values).round().clamp(0, 255).to(torch.uint8), non_blocking=True)
            return values

    def output(self):
        """On the 0..255 scale, not rounded."""
        return self.to_image(self.frame()).double().cpu()

    def turn(self):
        self.frame()
        self.times += (gpu_times if self.device == "cuda" else cpu_times)(self.frame)


def gpu_times(frame):
    events = [[torch.cuda.Event(enable_timing=True) for _ in range(2)] for _ in range(FRAMES_PER_TURN)]
    torch.cuda.synchronize()
    for start, end in events:
        start.record()
        frame()
        end.record()
    torch.cuda.synchronize()
    return [start.elapsed_time(end) for start, end in events]


def cpu_times(frame):
    times = []
    for _ in range(FRAMES_PER_TURN):
        start = time.perf_counter()
        frame()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def in_double(network, state, channels, image, device):
    double = {name: tensor.double() for name, tensor in state.items()}
    module = torch_networks.build(network, channels, double).to(device)
    mean = torch_networks.mean_of(network, torch.zeros(1, dtype=torch.double)).to(device)
    with torch.no_grad():
        values = module(image.to(device).double() * (network.range / 255) - mean)
    return ((values + mean) * (255 / network.range)).cpu()


def measure(network, state, channels, size, args, device):
    width, height = size
    generator = torch.Generator().manual_seed(2)
    image = torch.randint(0, 256, (1, network.colors, height, width), dtype=torch.uint8, generator=generator)
    expected = in_double(network, state, channels, image, device)
    torch.compiler.reset()
    running, rows = [], []
    for variant in variants(device):
        what = f"{network.name} at {channels}, {width}x{height}, {variant.engine} {variant.precision}"
        try:
            subject = Subject(variant, network, torch_networks.build(network, channels, state), image, device)
            difference = float((subject.output() - expected).abs().max())
        except Exception as error:  # whatever a compiler, a driver or a library raises
            print(f"{what}: {str(error).strip().splitlines()[0]}; left out", file=sys.stderr)
            continue
        row = {"model": network.name, "scale": network.scale, "channels": channels,
               "width": channels / network.channels, "input": f"{width}x{height}", "engine": variant.engine,
               "version": torch.__version__, "precision": variant.precision, "p50_ms": None,
               "max_abs_diff": difference, "device": device_name(device)}
        rows.append(row)
        if difference <= MAX_DIFFERENCE[variant.precision]:
            running.append((subject, row))
        else:
            print(f"{what}: computes something else, off by {difference:.3g}; not timed", file=sys.stderr)
    interleave([subject for subject, _ in running], args.rounds)
    for subject, row in running:
        row["p50_ms"] = round(statistics.median(subject.times), 4)
    return rows


def interleave(subjects, rounds):
    for i in range(rounds):
        first = i % max(1, len(subjects))  # so that no variant always follows the same one
        for subject in subjects[first:] + subjects[:first]:
            subject.turn()


def device_name(device):
    return torch.cuda.get_device_name() if device == "cuda" else "cpu"


def ours(tool, path, channels, image):
    """The compiled network's output for `image`, (y, x, 3) of uint16."""
    with tempfile.TemporaryDirectory() as folder:
        source, result = Path(folder) / "in.png", Path(folder) / "out.png"
        png16.write(source, image)
        command = [tool, "upscale", source, result, "--model", path, "--width", channels, "--quiet",
                   "--allow-untrained"]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr.strip())
        return png16.read(result)


def check_against_ours(network, state, channels, path, tool):
    """Prints the largest difference where our file is not clamped; raises RuntimeError if it is no rounding."""
    width, height = CHECK_SIZE
    image = np.random.default_rng(3).integers(0, 65536, (height, width, 3), np.uint16)
    module = torch_networks.build(network, channels, state)
    planes = torch.from_numpy(image.astype(np.float32).transpose(2, 0, 1) / 257)[None]
    theirs = torch_networks.upscale(network, module, planes)[0].numpy().transpose(1, 2, 0)
    compiled = ours(tool, path, channels, image)
    inside = (compiled > 0) & (compiled < 65535)
    difference = float(np.abs(compiled / 257.0 - theirs)[inside].max())
    print(f"{network.name} x{network.scale} at {channels}: {difference:.2g} from ours on the CPU (0..255)",
          file=sys.stderr)
    if difference > MAX_DIFFERENCE_FROM_OURS:
        raise RuntimeError("this is not the network that slimscale compiled; the times would compare nothing")


def table(rows):
    lines = ["| network | channels | input | engine | precision | p50 ms | off by |", "|---|---|---|---|---|---|---|"]
    for row in rows:
        ms = "-" if row["p50_ms"] is None else f"{row['p50_ms']:.3f}"
        cells = [f"{row['model']} x{row['scale']}", row["channels"], row["input"], row["engine"], row["precision"], ms,
                 f"{row['max_abs_diff']:.2g}"]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def parse_size(text):
    width, height = map(int, text.split("x"))
    return width, height


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    zoo = ROOT / "weights" / "zoo"
    parser.add_argument("--model", type=Path, nargs="+", metavar="FILE",
                        default=[zoo / "edsr_small_x2.safetensors", zoo / "carn_m_x2.safetensors"])
    parser.add_argument("--channels", type=int, nargs="+", default=[16, 32, 48, 64])
    parser.add_argument("--sizes", type=parse_size, nargs="+", default=[(426, 240)], metavar="WxH")
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--cpu", action="store_true", help="run on the CPU, to test this program")
    parser.add_argument("--tool", type=Path, default=ROOT / "build" / "bin" / "slimscale")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


def main():
    args = arguments()
    device = "cpu" if args.cpu else "cuda"
    if device == "cuda" and not torch.cuda.is_available():
        raise RuntimeError("torch finds no CUDA device; --cpu runs what needs none")
    torch.backends.cudnn.benchmark = True
    rows = []
    for path in args.model:
        network, tensors = model_file.read_model(path)
        state = {name: torch.from_numpy(tensor.astype(np.float32)) for name, tensor in tensors.items()}
        for channels in args.channels:
            if args.tool.exists():
                check_against_ours(network, state, channels, path, args.tool)
            for size in args.sizes:
                rows += measure(network, state, channels, size, args, device)
    if not args.tool.exists():
        print(f"{args.tool} is missing (make build): PyTorch is not compared with our network", file=sys.stderr)
    if args.json:
        args.json.parent.mkdir(parents=True, exist_ok=True)
        args.json.write_text(json.dumps(rows, indent=1) + "\n")
    print(f"PyTorch {torch.__version__} on {device_name(device)}, p50 in milliseconds\n\n{table(rows)}")


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, ValueError) as error:
        sys.exit(f"gpu_torch: {error}")
