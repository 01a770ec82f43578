"""One engine in its own process, so that no engine's idle threads run while another is timed.

Started by run.py. Builds the network, runs it twice, writes the second output (raw float32, network's own range, mean
still subtracted) to --output and prints `ready <version>`. From then on, each line N on standard input runs N frames
and prints their N times in milliseconds. Ends with standard input. run_ours.c speaks the same.
"""
import argparse
import sys
import time
from pathlib import Path

import numpy as np


def torch_engine(folder, image, threads, precision):
    import torch

    import export

    torch.set_num_threads(threads)
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    module = export.load_folded(folder).to(kind, memory_format=torch.channels_last)
    x = torch.from_numpy(image).to(memory_format=torch.channels_last)

    def run():
        with torch.no_grad():
            return module(x.to(kind)).float()

    return torch.__version__, run, lambda y: y.contiguous().numpy()


def onnxruntime_engine(folder, image, threads, precision):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    network = folder / ("network.int8.onnx" if precision == "int8" else "network.onnx")
    session = ort.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    feed = {session.get_inputs()[0].name: image}
    return ort.__version__, lambda: session.run(None, feed), lambda y: y[0]


def openvino_engine(folder, image, threads, precision):
    import openvino as ov

    config = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": precision, "INFERENCE_NUM_THREADS": threads}
    request = ov.Core().compile_model(str(folder / "network.onnx"), "CPU", config).create_infer_request()
    request.set_input_tensor(ov.Tensor(image, shared_memory=True))
    return ov.__version__.split("-")[0], request.infer, lambda _: request.get_output_tensor().data


def ncnn_engine(folder, image, threads, precision):
    """Options as in ncnn's benchncnn, with all reduced precisions off but the one asked for."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    for reduced in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_packed", "bf16_storage"):
        setattr(net.opt, "use_" + reduced, precision == "bf16" and reduced.startswith("bf16"))
    allocators = ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator()
    net.opt.blob_allocator, net.opt.workspace_allocator = allocators
    if net.load_param(str(folder / "network.ncnn.param")) or net.load_model(str(folder / "network.ncnn.bin")):
        raise RuntimeError("ncnn cannot load the network that pnnx wrote")
    x = ncnn.Mat(image[0])

    def run(_keep_alive=allocators):
        extractor = net.create_extractor()
        extractor.input("in0", x)
        code, y = extractor.extract("out0")
        if code:
            raise RuntimeError(f"ncnn failed with code {code}")
        return y

    return ncnn.__version__, run, lambda y: np.array(y)


ENGINES = {"torch": torch_engine, "onnxruntime": onnxruntime_engine, "openvino": openvino_engine, "ncnn": ncnn_engine}
# The precisions that each engine has without a network that is tuned for them.
PRECISIONS = {"torch": ["f32", "bf16"], "onnxruntime": ["f32", "int8"], "openvino": ["f32", "bf16"],
              "ncnn": ["f32", "bf16"]}


def milliseconds(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--folder", type=Path, required=True, help="what export.py wrote")
    parser.add_argument("--input", type=Path, required=True, help="raw float32, colors x height x width")
    parser.add_argument("--size", type=int, nargs=3, required=True, metavar=("COLORS", "HEIGHT", "WIDTH"))
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()

    image = np.fromfile(args.input, np.float32).reshape(1, *args.size)
    version, run, as_array = ENGINES[args.engine](args.folder, image, args.threads, args.precision)
    run()
    np.ascontiguousarray(as_array(run()), np.float32).tofile(args.output)
    print("ready", version, flush=True)
    for line in sys.stdin:
        print(*(f"{milliseconds(run):.4f}" for _ in range(int(line))), flush=True)


if __name__ == "__main__":
    main()
