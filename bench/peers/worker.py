"""One engine in its own process, so that no engine's idle threads run while another is timed.

Started by run.py. Builds the network, runs every picture of --input, writes the outputs (raw float32, network's own
range, mean still subtracted) to --output and prints `ready <version>`. From then on, each line N on standard input runs
the first picture N times and prints the N times in milliseconds. Ends with standard input. run_ours.c speaks the same.

An engine is a function that returns its version, what takes a picture (1, colors, y, x), what runs a frame, and what
makes an array of the frame's result.
"""
import argparse
import sys
import time
from pathlib import Path

import numpy as np


def torch_engine(folder, threads, precision):
    import torch

    import export

    torch.set_num_threads(threads)
    kind = torch.bfloat16 if precision == "bf16" else torch.float32
    module = export.load_folded(folder).to(kind, memory_format=torch.channels_last)
    x = None

    def feed(image):
        nonlocal x
        x = torch.from_numpy(image).to(memory_format=torch.channels_last)

    def run():
        with torch.inference_mode():
            return module(x.to(kind)).float()

    return torch.__version__, feed, run, lambda y: y.contiguous().numpy()


def onnxruntime_engine(folder, threads, precision):
    import onnxruntime as ort

    options = ort.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    network = folder / ("network.int8.onnx" if precision == "int8" else "network.onnx")
    session = ort.InferenceSession(str(network), options, providers=["CPUExecutionProvider"])
    feeds = {}
    return ort.__version__, lambda image: feeds.update(values=image), lambda: session.run(None, feeds), lambda y: y[0]


def openvino_engine(folder, threads, precision, network=None):
    import openvino as ov

    network = network or ("network.int8.onnx" if precision == "int8" else "network.onnx")
    config = {"PERFORMANCE_HINT": "LATENCY", "INFERENCE_NUM_THREADS": threads,
              "INFERENCE_PRECISION_HINT": "bf16" if precision == "bf16" else "f32"}  # of what a network has in floats
    request = ov.Core().compile_model(str(folder / network), "CPU", config).create_infer_request()

    def feed(image):
        request.set_input_tensor(ov.Tensor(image, shared_memory=True))

    return ov.__version__.split("-")[0], feed, request.infer, lambda _: request.get_output_tensor().data


def openvino_nncf_engine(folder, threads, precision):
    """The network as OpenVINO's own tool quantises it."""
    return openvino_engine(folder, threads, precision, "network.nncf.xml")


def ncnn_engine(folder, threads, precision):
    """In int8 by Winograd or as a matrix product, whichever is faster here: that differs by channels and processor."""
    import ncnn

    import quantized

    allocators = ncnn.UnlockedPoolAllocator(), ncnn.PoolAllocator()  # as in ncnn's own benchncnn
    files = folder / ("network.int8.ncnn" if precision == "int8" else "network.ncnn")
    nets = [quantized.ncnn_net(files, threads, bf16=precision == "bf16", winograd=winograd, allocators=allocators)
            for winograd in ((True, False) if precision == "int8" else (True,))]
    x = None

    def frame(net):
        extractor = net.create_extractor()
        extractor.input("in0", x)
        code, y = extractor.extract("out0")
        if code:
            raise RuntimeError(f"ncnn failed with code {code}")
        return y

    def feed(image):
        nonlocal x
        x = ncnn.Mat(image[0]).clone()
        if len(nets) > 1:
            nets[:] = [min(nets, key=lambda net: min(milliseconds(lambda: frame(net)) for _ in range(5)))]

    return ncnn.__version__, feed, lambda _keep_alive=allocators: frame(nets[0]), lambda y: np.array(y)


ENGINES = {"torch": torch_engine, "onnxruntime": onnxruntime_engine, "openvino": openvino_engine,
           "openvino_nncf": openvino_nncf_engine, "ncnn": ncnn_engine}
# The precisions that each engine has without a network that is trained for them.
PRECISIONS = {"torch": ["f32", "bf16"], "onnxruntime": ["f32", "int8"], "openvino": ["f32", "bf16", "int8"],
              "openvino_nncf": ["int8"], "ncnn": ["f32", "bf16", "int8"]}


def milliseconds(run):
    start = time.perf_counter()
    run()
    return (time.perf_counter() - start) * 1e3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine", choices=ENGINES, required=True)
    parser.add_argument("--precision", default="f32")
    parser.add_argument("--folder", type=Path, required=True, help="what export.py wrote")
    parser.add_argument("--input", type=Path, required=True, help="raw float32, pictures x colors x height x width")
    parser.add_argument("--size", type=int, nargs=3, required=True, metavar=("COLORS", "HEIGHT", "WIDTH"))
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    args = parser.parse_args()

    pictures = np.fromfile(args.input, np.float32).reshape(-1, 1, *args.size)
    version, feed, run, as_array = ENGINES[args.engine](args.folder, args.threads, args.precision)
    with open(args.output, "wb") as output:
        for picture in pictures:
            feed(picture)
            run()
            np.ascontiguousarray(as_array(run()), np.float32).tofile(output)
    feed(pictures[0])
    run()
    print("ready", version, flush=True)
    for line in sys.stdin:
        print(*(f"{milliseconds(run):.4f}" for _ in range(int(line))), flush=True)


if __name__ == "__main__":
    main()
