"""Networks in int8 for the engines that have it, calibrated on pictures: each engine by its own tool, ncnn by hand,
since its wheel brings no tool.

In the folder that export.py wrote: network.int8.onnx (ONNX Runtime's static quantisation, which OpenVINO reads as
well), network.nncf.xml (NNCF's, for OpenVINO), network.int8.ncnn.param and .bin. Scales do not depend on the image's
size, so quantize() does its work once per width and resize() sets the size.
"""
import logging
import shutil

import numpy as np


def quantize(folder, images, engines):
    """`images` (n, colors, y, x) in the network's own range, the mean taken off."""
    if {"onnxruntime", "openvino"} & set(engines):
        to_onnx(folder, images)
    if "openvino_nncf" in engines:
        to_openvino(folder, images)
    if "ncnn" in engines:
        to_ncnn(folder, images)


def resize(source, folder, height, width):
    """The int8 networks of the folder `source`, for inputs of height x width, into `folder`."""
    if (source / "network.int8.onnx").exists():
        import onnx

        model = onnx.load(source / "network.int8.onnx")
        for tensor, sizes in ((model.graph.input[0], (height, width)), (model.graph.output[0], (0, 0))):
            for dimension, size in zip(tensor.type.tensor_type.shape.dim[2:], sizes):
                dimension.Clear()
                if size:
                    dimension.dim_value = size
        del model.graph.value_info[:]
        onnx.save(onnx.shape_inference.infer_shapes(model), folder / "network.int8.onnx")
    if (source / "network.nncf.xml").exists():
        import openvino

        model = openvino.Core().read_model(source / "network.nncf.xml")
        shape = model.input().get_partial_shape()
        model.reshape(openvino.PartialShape([shape[0], shape[1], height, width]))
        openvino.save_model(model, folder / "network.nncf.xml", compress_to_fp16=False)
    for file in source.glob("network.int8.ncnn.*"):  # which name no size
        shutil.copy(file, folder)


def to_onnx(folder, images):
    """Unsigned activations: with the default, signed, ONNX Runtime leaves convolutions before a ReLU and all additions
    in f32. Weights per channel, signed, as its kernels for VNNI want them. Ranges are means over the images, which
    halves the error that their extremes bring; CalibMovingAverageConstant does nothing in ONNX Runtime 1.32.0, and
    CalibMaxIntermediateOutputs would drop images (findings/onnxruntime-*.sh)."""
    from onnxruntime import quantization
    from onnxruntime.quantization.shape_inference import quant_pre_process

    class Images(quantization.CalibrationDataReader):
        def __init__(self):
            self.feeds = iter([{"values": image[np.newaxis]} for image in images])

        def get_next(self):
            return next(self.feeds, None)

    logging.getLogger().setLevel(logging.ERROR)
    prepared = folder / "prepared.onnx"
    quant_pre_process(str(folder / "network.onnx"), str(prepared), skip_symbolic_shape=True)
    quantization.quantize_static(str(prepared), str(folder / "network.int8.onnx"), Images(), per_channel=True,
                                 quant_format=quantization.QuantFormat.QDQ,
                                 activation_type=quantization.QuantType.QUInt8,
                                 weight_type=quantization.QuantType.QInt8,
                                 extra_options={"CalibMovingAverage": True})


def to_openvino(folder, images):
    """NNCF's post-training quantisation. NNCF 3.4.0 corrects no bias here, since read_model leaves them where it does
    not look (findings/nncf-bias-correction-of-onnx-files-is-skipped.sh); of convert_model's networks it would."""
    import nncf
    import openvino

    nncf.set_log_level(logging.ERROR)
    model = openvino.Core().read_model(folder / "network.onnx")
    quantized = nncf.quantize(model, nncf.Dataset([image[np.newaxis] for image in images]), subset_size=len(images),
                              preset=nncf.QuantizationPreset.MIXED, target_device=nncf.TargetDevice.CPU)
    openvino.save_model(quantized, folder / "network.nncf.xml", compress_to_fp16=False)


class NcnnFile:
    """What pnnx wrote: a line per layer, and the weights of all layers in their order."""

    def __init__(self, folder):
        lines = (folder / "network.ncnn.param").read_text().splitlines()
        self.head, self.layers = lines[:2], [line.split() for line in lines[2:]]
        self.weights = (folder / "network.ncnn.bin").read_bytes()

    @staticmethod
    def parameters(layer):
        inputs, outputs = int(layer[2]), int(layer[3])
        return dict(pair.split("=") for pair in layer[4 + inputs + outputs :])

    @staticmethod
    def bottom(layer):
        return layer[4]

    @staticmethod
    def top(layer):
        return layer[4 + int(layer[2])]


def ncnn_net(files, threads, bf16=False, winograd=True, allocators=None, keep_blobs=False):
    """The network in `files`.param and .bin, with reduced precisions off but the one asked for."""
    import ncnn

    net = ncnn.Net()
    net.opt.num_threads = threads
    net.opt.lightmode = not keep_blobs
    net.opt.use_winograd_convolution = winograd
    for reduced in ("fp16_packed", "fp16_storage", "fp16_arithmetic", "bf16_packed", "bf16_storage"):
        setattr(net.opt, "use_" + reduced, bf16 and reduced.startswith("bf16"))
    if allocators:
        net.opt.blob_allocator, net.opt.workspace_allocator = allocators
    if net.load_param(f"{files}.param") or net.load_model(f"{files}.bin"):
        raise RuntimeError(f"ncnn cannot load {files}.param and .bin")
    return net


def ncnn_ranges(folder, blobs, images):
    """The largest magnitude of each of the network's tensors over all images."""
    import ncnn

    net = ncnn_net(folder / "network.ncnn", threads=1, keep_blobs=True)
    ranges = dict.fromkeys(blobs, 0.0)
    for image in images:
        extractor = net.create_extractor()
        extractor.set_light_mode(False)
        extractor.input("in0", ncnn.Mat(image))
        for blob in blobs:
            code, values = extractor.extract(blob)
            if code:
                raise RuntimeError(f"ncnn failed with code {code} at {blob}")
            values = np.array(values, copy=False)
            ranges[blob] = max(ranges[blob], float(values.max()), -float(values.min()))
    return ranges


def to_ncnn(folder, images):
    """As ncnn2table and ncnn2int8 do: one scale per filter and input tensor, symmetric; a convolution whose output goes
    to one convolution alone leaves it in int8. ncnn itself rounds the weights when it loads them. Layers of other
    kinds, grouped convolutions among them, stay in f32."""
    file = NcnnFile(folder)
    convolutions = [layer for layer in file.layers if layer[0] == "Convolution"]
    ranges = ncnn_ranges(folder, {file.bottom(layer) for layer in convolutions}, images)
    readers = {}
    for layer in file.layers:
        for blob in layer[4 : 4 + int(layer[2])]:
            readers.setdefault(blob, []).append(layer)

    def input_scale(layer):
        return np.float32(127 / max(ranges[file.bottom(layer)], 1e-9))

    lines, out, at = list(file.head), [], 0
    for layer in file.layers:
        parameters = file.parameters(layer)
        if layer[0] in ("Convolution", "ConvolutionDepthWise", "InnerProduct"):
            key = "6" if layer[0] != "InnerProduct" else "2"
            filters, bias = int(parameters["0"]), int(parameters.get("5" if key == "6" else "1", 0))
            size = 4 + 4 * int(parameters[key]) + 4 * filters * bias
            own, at = file.weights[at : at + size], at + size
            out.append(own)
        if layer[0] == "Convolution":
            rows = np.frombuffer(own, np.float32, int(parameters["6"]), 4).reshape(filters, -1)
            out.append((127 / np.maximum(np.abs(rows).max(1), 1e-9)).astype(np.float32).tobytes())
            out.append(input_scale(layer).tobytes())
            after = readers.get(file.top(layer), [])
            to_int8 = len(after) == 1 and after[0][0] == "Convolution"
            if to_int8:
                out.append(input_scale(after[0]).tobytes())
            layer = [*layer, f"8={102 if to_int8 else 2}"]
        lines.append(" ".join(layer))
    if at != len(file.weights):
        raise RuntimeError("this network has weights in layers that are unknown here")
    (folder / "network.int8.ncnn.param").write_text("\n".join(lines) + "\n")
    (folder / "network.int8.ncnn.bin").write_bytes(b"".join(out))
