"""Times slimscale and its peers on the same network, weights, input and threads, in one run. See README.md.

    python bench/peers/run.py                              edsr_small x2 at 16, 32, 64, 128 and 256 channels
    python bench/peers/run.py --network carn               carn x2 at 16, 32 and 64; or rcan_small, carn_m
    python bench/peers/run.py --model weights/zoo/carn_m_x2.safetensors --channels 64 --sizes 320x180

    python bench/peers/run.py --precisions f32 bf16 int8 --collapse-tail
    taskset -c 0 python bench/peers/run.py --threads 1 2 4      several threads on one processor, beside each other
    python bench/peers/run.py --threads 1 2 --busy 1            the second processor computes something else

First every engine's outputs for photographs are compared with PyTorch's in double precision, on the 0..255 scale; one
that computes something else is reported and not timed. Prints Markdown tables; writes the rows as JSON.
"""
import argparse
import hashlib
import json
import os
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

import export
import ours
import pictures
import quality
import quantized
import report
import timing
import worker

sys.path.append(str(Path(__file__).resolve().parents[2] / "tests" / "golden"))
import model_file  # noqa: E402
import torch_networks  # noqa: E402

HERE = Path(__file__).resolve().parent
ENGINES = [*worker.ENGINES, report.OURS]

# On the 0..255 scale, for outputs whose standard deviation is near 50. Sums in f32 differ by 1e-4 here, Winograd's by
# 1e-3; bfloat16 or another network differs by more than 0.1.
MAX_DIFFERENCE = 0.02
# As shares of the output's standard deviation: reduced precisions were seen at 0.04 and 0.2, another network is beyond 3.
MAX_SHARE = {"bf16": 0.2, "int8": 1.0, "q16": 0.05}


@dataclass
class Job:
    """One width of a model on one input size."""

    network: torch_networks.Network
    state: dict  # full width
    weights: Path
    trained: bool
    channels: int
    width_px: int
    height_px: int

    @property
    def input_text(self):
        return f"{self.width_px}x{self.height_px}"


# networks/presets.cpp, x2
PRESETS = {
    "edsr_small": {"family": "edsr", "blocks": 8},
    "rcan_small": {"family": "rcan", "blocks": 2, "residual_groups": 3},
    "carn": {"family": "carn", "blocks": 3, "range": 1.0},
    "carn_m": {"family": "carn", "blocks": 3, "range": 1.0, "group_channels": 16, "recursive": True},
}
PRESET_CHANNELS = 64
WIDER = [128, 256]  # relatives of edsr_small


def preset(name, channels):
    shown = name if channels == PRESET_CHANNELS else f"{name}_{channels}"
    return torch_networks.Network(shown, scale=2, channels=channels, **PRESETS[name])


def models(args, folder):
    """Yields (network, state, weights file, whether it was trained, widths): the given file's, or presets with random
    weights."""
    if args.model:
        network, tensors = model_file.read_model(args.model)
        state = {name: torch.from_numpy(tensor.astype(np.float32)) for name, tensor in tensors.items()}
        trained = model_file.read_tensors(args.model)[1].get("source") != model_file.RANDOM
        yield network, state, args.model, trained, args.channels or [network.channels]
        return
    edsr = args.network == "edsr_small"
    least = 0
    for full in [PRESET_CHANNELS, *(WIDER if edsr else [])]:
        widths = [c for c in args.channels or [16, 32, 64, *(WIDER if edsr else [])] if least < c <= full]
        least = full
        if widths:
            network = preset(args.network, full)
            state = torch_networks.random_state(network, seed=1)
            weights = folder / f"{network.name}.safetensors"
            arrays = {name: tensor.numpy() for name, tensor in state.items()}
            model_file.write_model(weights, network, arrays, widths, "random weights, for timing")
            yield network, state, weights, False, widths


@dataclass(frozen=True)
class Subject:
    """One engine at one precision."""

    engine: str
    precision: str
    collapsed: bool = False
    threads: int = 0

    @property
    def name(self):
        return self.engine + (report.COLLAPSED if self.collapsed else "")

    def file(self, folder, ending):
        return folder / f"{self.name} {self.precision} {self.threads}.{ending}".replace(" ", "_")


def has_amx():
    return "amx_bf16" in Path("/proc/cpuinfo").read_text().split()


def own_precisions():
    return ("f32", "q16", "bf16") if has_amx() else ("f32", "q16")


def subjects(args):
    """First the networks as they are, then those with collapsed tails."""
    peers = [Subject(engine, precision) for engine in args.engines if engine != report.OURS
             for precision in worker.PRECISIONS[engine] if precision in args.precisions]
    own = [Subject(report.OURS, precision) for precision in own_precisions() if precision in args.precisions]
    collapsed = [replace(each, collapsed=True) for each in peers] if args.collapse_tail else []
    once = peers + (own if report.OURS in args.engines else []) + collapsed
    return [replace(each, threads=threads) for threads in args.threads for each in once]


@dataclass
class Photographs:
    """What a job is judged on, on the 0..255 scale; the first piece is also what is timed."""

    expected: np.ndarray  # (n, colors, y, x), PyTorch's in double precision
    original: np.ndarray | None  # what the inputs were shrunk from, where the network was trained to find it


def own_range(job, images):
    """(n, colors, y, x), 0..1, as the network's input."""
    mean = torch_networks.mean_of(job.network, torch.zeros(1))
    return torch.from_numpy(images) * job.network.range - mean


def prepare(job, args, folder):
    """Writes the inputs and the networks, as far as they do not lie there from an earlier run; returns what outputs are
    compared with."""
    low, original = pictures.held_out(args.pictures, job.network.colors, job.network.scale, job.height_px, job.width_px)
    values = own_range(job, low)
    source = digest(job.weights.read_bytes()), job.channels, [each for each in args.engines if each != report.OURS]

    def double():
        state = {name: tensor.double() for name, tensor in job.state.items()}
        module = torch_networks.build(job.network, job.channels, state)
        outputs = [torch_networks.upscale(job.network, module, 255 * each[None].double())
                   for each in torch.from_numpy(low)]
        np.save(folder / "expected.npy", torch.cat(outputs).numpy())

    once(folder / "expected.txt", (source, digest(low.tobytes())), double)
    low.tofile(folder / "images.f32")
    values.numpy().tofile(folder / "values.f32")
    for collapsed in (False, True) if args.collapse_tail else (False,):
        networks = folder_of(folder, collapsed)
        once(networks / "exported.txt", (source, job.input_text, code("export.py")),
             lambda: export.export(job.network, job.channels, job.state, values[:1], networks, args.engines, collapsed))
        if "int8" in args.precisions:
            int8 = folder_of(folder.parent / f"{job.channels}_int8", collapsed)
            quantize(job, args, source, int8, collapsed)
            quantized.resize(int8, networks, job.height_px, job.width_px)
    return Photographs(np.load(folder / "expected.npy"), 255 * original if job.trained else None)


def quantize(job, args, source, folder, collapsed):
    """One width in int8, at the size that the calibration's photographs are cut to."""
    photographs = own_range(job, pictures.calibration(job.network.colors, job.network.scale))

    def make():
        export.export(job.network, job.channels, job.state, photographs[:1], folder, args.engines, collapsed)
        quantized.quantize(folder, photographs.numpy(), args.engines)

    once(folder / "quantized.txt", (source, digest(photographs.numpy().tobytes()),
                                    code("export.py", "quantized.py", "requirements.txt")), make)


def folder_of(folder, collapsed):
    return folder / "collapsed" if collapsed else folder


def digest(data):
    return hashlib.sha256(data).hexdigest()


def code(*names):
    return digest(b"".join((HERE / name).read_bytes() for name in names))


def once(stamp, ingredients, make):
    """Calls `make`, unless the file `stamp` tells that it was done from the same ingredients."""
    key = repr(ingredients)
    if stamp.exists() and stamp.read_text() == key:
        return
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.unlink(missing_ok=True)
    make()
    stamp.write_text(key)


def target_of(subject, target):
    """The target of ours that computes in the subject's precision: q16 has its own, and bf16 is AMX's."""
    return {"f32": target, "q16": f"{target}_q16", "bf16": "amx_bf16"}[subject.precision]


def processors_of(threads, busy):
    """As many processors as threads, the busy one the last; None where none is busy: all."""
    if busy is None:
        return None
    return set([*sorted(os.sched_getaffinity(0) - {busy}), busy][:threads])


def start(subject, job, folder, program, target, busy):
    threads = subject.threads
    environment = dict(os.environ, OMP_NUM_THREADS=str(threads))
    size = [job.network.colors, job.height_px, job.width_px]
    output = subject.file(folder, "f32")
    if subject.engine == report.OURS:
        command = [program, folder / "images.f32", *size, output, threads, job.channels, target_of(subject, target)]
    else:
        networks = folder_of(folder, subject.collapsed)
        command = [sys.executable, HERE / "worker.py", "--engine", subject.engine, "--precision", subject.precision,
                   "--folder", networks, "--input", folder / "values.f32", "--size", *size, "--output", output,
                   "--threads", threads]
    return timing.Engine(f"{subject.name} {subject.precision}, {threads} threads", command, environment,
                         subject.file(folder, "log"), processors_of(threads, busy))


def outputs_of(subject, job, folder, shape):
    """The outputs on the 0..255 scale."""
    outputs = np.fromfile(subject.file(folder, "f32"), np.float32).astype(np.float64).reshape(shape)
    if subject.engine == report.OURS:
        return 255 * outputs
    mean = 255 * np.reshape(job.network.mean[: job.network.colors], (-1, 1, 1))
    return outputs * (255 / job.network.range) + mean


def allowed(precision, expected):
    return MAX_SHARE[precision] * float(expected.std()) if precision in MAX_SHARE else MAX_DIFFERENCE


def measure(job, args, folder, program):
    photographs = prepare(job, args, folder)
    if args.prepare_only:
        return []
    running, rows = [], []
    for subject in subjects(args):
        try:
            engine = start(subject, job, folder, program, args.target, args.busy)
        except RuntimeError as error:
            print(f"{job.network.name} at {job.channels}: {error}", file=sys.stderr)
            continue
        outputs = outputs_of(subject, job, folder, photographs.expected.shape)
        border = export.collapsed_border(job.network.scale) if subject.collapsed else 0
        row = {"model": job.network.name, "scale": job.network.scale, "channels": job.channels,
               "width": job.channels / job.network.channels, "input": job.input_text, "threads": subject.threads,
               "engine": subject.name, "version": engine.version, "precision": subject.precision, "p50_ms": None,
               **quality.errors(outputs, photographs.expected, photographs.original, border)}
        rows.append(row)
        if row["max_abs_diff"] <= allowed(subject.precision, photographs.expected):
            running.append((engine, row))
        else:
            print(f"{engine.name} computes something else, off by {row['max_abs_diff']:.3g}: untimed", file=sys.stderr)
            engine.close()
    if args.pause:
        print(f"{job.network.name} at {job.channels} channels, {job.input_text}: press Enter to time", file=sys.stderr)
        sys.stdin.readline()
    with timing.load(args.busy):
        timing.interleave([engine for engine, _ in running], args.rounds)
    for engine, row in running:
        engine.close()
        if engine.times:
            row.update(p50_ms=round(engine.p50, 4), p99_ms=round(engine.p99, 4), best_ms=min(engine.times),
                       frames=len(engine.times))
    return rows


def parse_size(text):
    width, height = map(int, text.split("x"))
    return width, height


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, help="weights file; default: --network")
    parser.add_argument("--network", choices=PRESETS, default="edsr_small", help="without --model: random weights")
    parser.add_argument("--channels", type=int, nargs="+", help="widths as channel counts")
    parser.add_argument("--sizes", type=parse_size, nargs="+", default=[(128, 128), (320, 180)], metavar="WxH")
    parser.add_argument("--threads", type=int, nargs="+", default=[2], help="several: each engine with each, in turns")
    parser.add_argument("--busy", type=int, metavar="PROCESSOR",
                        help="an endless loop is held to it; engines get as many processors as threads, it the last")
    parser.add_argument("--rounds", type=int, default=7, help="0: compare alone")
    parser.add_argument("--pictures", type=Path, default=pictures.HELD_OUT,
                        help="a .png or a folder of them, shrunk, to be judged on; the first piece is timed")
    parser.add_argument("--prepare-only", action="store_true",
                        help="compile, export and quantise, and start no engine; a later run finds all that")
    parser.add_argument("--pause", action="store_true", help="wait for Enter before each timing, with engines ready")
    parser.add_argument("--engines", nargs="+", choices=ENGINES, default=ENGINES)
    parser.add_argument("--precisions", nargs="+", choices=["f32", *MAX_SHARE], default=["f32"],
                        help="used by the engines that have them; q16 is slimscale's and needs a calibrated --model; its bf16 "
                             "needs AMX")
    parser.add_argument("--collapse-tail", action="store_true",
                        help="also the peers on networks whose up-sampler and tail are one convolution (EDSR, RCAN)")
    parser.add_argument("--plain-tail", action="store_true",
                        help="slimscale computes up-sampler and tail one after the other, as the peers do")
    parser.add_argument("--target", default="avx2", help="slimscale's target to compile, in f32: avx2 or avx512")
    parser.add_argument("--build", type=Path, default=ours.ROOT / "build", help="where slimscale is built")
    parser.add_argument("--json", type=Path, help="default: <build>/peers.json")
    return parser.parse_args()


def main():
    args = arguments()
    busy = timing.busy_share()
    if busy > 0.1:
        print(f"warning: the machine is {busy:.0%} busy with something else; trust only ratios", file=sys.stderr)
    work = args.build / "peers"
    work.mkdir(parents=True, exist_ok=True)
    rows = []
    for network, state, weights, trained, widths in models(args, work):
        program = None
        if report.OURS in args.engines:
            name = f"{network.name}_x{network.scale}_peers"
            targets = [target_of(subject, args.target) for subject in subjects(args) if subject.engine == report.OURS]
            program = ours.build(args.build, weights, name, widths, ",".join(targets), work / network.name,
                                 args.plain_tail)
        for channels in widths:
            for size in args.sizes:
                job = Job(network, state, weights, trained, channels, *size)
                rows += measure(job, args, work / network.name / f"{channels}_{job.input_text}", program)
                print(f"{network.name} at {channels} channels, {job.input_text}: done", file=sys.stderr)
    if args.prepare_only:
        return
    (args.json or args.build / "peers.json").write_text(json.dumps(rows, indent=1) + "\n")
    for threads in args.threads:
        of = [row for row in rows if row["threads"] == threads]
        print(f"\np50 in milliseconds, {threads} threads\n\n{report.table(of)}")
    if len(args.threads) > 1:
        print(f"\nBy threads\n\n{report.threads_table(rows)}")
    print(f"\nErrors on the 0..255 scale, against double precision\n\n"
          f"{report.error_table([row for row in rows if row['threads'] == args.threads[0]])}")


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, ValueError) as error:
        sys.exit(f"peers: {error}")
