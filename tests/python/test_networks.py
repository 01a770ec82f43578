"""Trained files: described, exported and compared with ONNX Runtime, imported, measured."""
import json
import os
import struct
import subprocess

import numpy as np
import pytest
from conftest import ROOT, float_target, picture

import slimscale

GOLDEN = ROOT / "tests" / "golden" / "data"
CASES = sorted(path.name.split(".")[0] for path in GOLDEN.glob("golden_*.golden.safetensors"))


def read_tensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            dtype = {"F32": np.float32, "F16": np.float16}[entry["dtype"]]
            tensors[name] = np.frombuffer(data[begin:end], dtype).reshape(entry["shape"]).astype(np.float32)
    return tensors, header.get("__metadata__", {})


def write_tensors(path, tensors):
    header, offset = {}, 0
    for name, values in tensors.items():
        header[name] = {"dtype": "F32", "shape": values.shape, "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
    text = json.dumps(header).encode()
    data = b"".join(np.ascontiguousarray(values, "<f4").tobytes() for values in tensors.values())
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)


def run_onnx(path, values):
    onnxruntime = pytest.importorskip("onnxruntime")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    return session.run(["output"], {"input": values[np.newaxis]})[0][0]


@pytest.mark.parametrize("case", CASES)
def test_graphs_compute_what_pytorch_does(case, tmp_path):
    """Compares all families, scales, slicings and skips, at all and at half the channels, with PyTorch's outputs."""
    pytest.importorskip("onnx")
    file = GOLDEN / f"{case}.safetensors"
    golden, _ = read_tensors(GOLDEN / f"{case}.golden.safetensors")
    slicing = slimscale.describe_file(file).metadata["network.slicing"]
    tried = 0
    for name, expected in golden.items():
        if not name.startswith("output.") or not name.endswith(slicing):
            continue
        _, size, channels, _ = name.split(".")
        path = slimscale.export_onnx(file, int(channels), tmp_path / "graph.onnx", allow_untrained=True)
        result = run_onnx(path, golden[f"input.{size}"] / 255)
        assert np.abs(result * 255 - expected).max() < 0.01, name
        tried += 1
    assert tried >= 2


@pytest.mark.parametrize("name", ["edsr_small_x2", "carn_m_x2", "carn_m_x3"])
def test_graphs_of_the_zoo_compute_what_the_library_does(name, tmp_path):
    pytest.importorskip("onnx")
    model = next(model for model in slimscale.models() if model.name == name)
    small = picture(17, 23, dtype=np.float32)
    for channels in slimscale.describe_file(model.file).trained:
        path = slimscale.export_onnx(model.file, channels, tmp_path / f"{channels}.onnx")
        large = slimscale.Upscaler(model.file, channels=channels, target=float_target(model)).upscale(small)
        result = run_onnx(path, small.transpose(2, 0, 1)).transpose(1, 2, 0)
        assert np.abs(result - large).max() * 255 < 0.01, channels


def test_what_the_graph_promises(tmp_path, monkeypatch):
    onnx = pytest.importorskip("onnx")
    monkeypatch.chdir(tmp_path)
    path = slimscale.export_onnx("edsr_small_x2", 16)
    assert path.name == "edsr_small_16.onnx" and path.exists()
    for opset in (13, 21):
        graph = onnx.load(slimscale.export_onnx("edsr_small_x2", 16, "graph.onnx", opset=opset))
        assert [entry.version for entry in graph.opset_import] == [opset]
        kinds = {node.op_type for node in graph.graph.node}
        assert kinds <= {"Sub", "Mul", "Conv", "Relu", "Add", "DepthToSpace", "Div"}
        for node in graph.graph.node:
            attributes = {attribute.name for attribute in node.attribute}
            assert "auto_pad" not in attributes and (node.op_type != "Conv" or "pads" in attributes)
        about = {entry.key: entry.value for entry in graph.metadata_props}
        assert about["channels"] == "16" and about["network.family"] == "edsr" and about["license"]
    fixed = onnx.load(slimscale.export_onnx("edsr_small_x2", 16, "graph.onnx", size=(17, 23)))
    shape = [dimension.dim_value for dimension in fixed.graph.output[0].type.tensor_type.shape.dim]
    assert shape == [1, 3, 34, 46]
    result = run_onnx(tmp_path / "graph.onnx", picture(17, 23, dtype=np.float32).transpose(2, 0, 1))
    assert result.shape == (3, 34, 46)


@pytest.mark.parametrize(
    ("file", "channels", "options", "kind", "word"),
    [
        ("nosuch", 16, {}, slimscale.InvalidArgument, "nosuch"),
        ("edsr_small_x2", 17, {}, slimscale.Error, "17"),
        ("edsr_small_x2", 24, {}, slimscale.UntrainedChannels, "24"),
        ("edsr_small_x2", 16, {"opset": 7}, slimscale.InvalidArgument, "13"),
    ],
)
def test_what_is_not_exported(file, channels, options, kind, word, tmp_path):
    pytest.importorskip("onnx")
    with pytest.raises(kind, match=word):
        slimscale.export_onnx(file, channels, tmp_path / "graph.onnx", **options)
    assert not (tmp_path / "graph.onnx").exists()


def test_import_of_a_checkpoint(tmp_path):
    """A trained file under the names of EDSR-PyTorch, wrapped as DataParallel does, becomes the same network."""
    file = next(model.file for model in slimscale.models() if model.name == "edsr_small_x2")
    tensors, _ = read_tensors(file)
    theirs = {}
    for name, values in tensors.items():
        if name.startswith(("q16.", "int8.")):
            continue
        head, _, part = name.rpartition(".")
        blocks = head.split(".")
        if head in ("head", "tail"):
            head = {"head": "head.0", "tail": "tail.1"}[head]
        elif head == "body.end":
            head = "body.8"
        elif blocks[0] == "up":
            head = f"tail.0.{2 * int(blocks[1])}"
        else:
            head = f"body.{blocks[1]}.body.{ {'conv1': 0, 'conv2': 2}[blocks[2]] }"
        theirs[f"module.{head}.{part}"] = values
    checkpoint = tmp_path / "edsr.safetensors"
    write_tensors(checkpoint, theirs)
    output = tmp_path / "mine.safetensors"
    known = slimscale.describe_file(file)
    with pytest.raises(slimscale.Error, match="lacks .*mean=") as error:
        slimscale.import_checkpoint(checkpoint, output)
    assert error.value.status is None and not output.exists()
    imported = slimscale.import_checkpoint(
        checkpoint, output, name="mine", trained=known.trained, license="CC0-1.0", mean=(0.4488, 0.4371, 0.4040), range=255,
        res_scale=float(known.metadata["network.res_scale"]),
    )  # fmt: skip
    assert imported.file == slimscale.describe_file(output)
    assert imported.prefix == "module." and "EDSR" in imported.layout
    assert (imported.file.name, imported.file.trained, imported.file.license) == ("mine", known.trained, "CC0-1.0")
    copies, _ = read_tensors(output)
    np.testing.assert_array_equal(copies["body.3.conv2.weight"], tensors["body.3.conv2.weight"])

    write_tensors(checkpoint, {"strange.weight": np.zeros((3, 3), np.float32)})
    with pytest.raises(slimscale.Error, match="edsr.safetensors") as error:
        slimscale.import_checkpoint(checkpoint, tmp_path / "none.safetensors")
    assert error.value.status is None and not (tmp_path / "none.safetensors").exists()


def test_evaluate_measures_what_the_tool_measures(tmp_path):
    photos = ROOT / "samples" / "train"
    seen = []
    result = slimscale.evaluate(
        "edsr_small_x2", photos / "red_door.png", channels=[16, 32], progress=lambda *step: seen.append(step)
    )
    assert seen == [(0, 1, str(photos / "red_door.png"))]
    assert [subject.channels for subject in result.subjects] == [16, 32] and result.scale == 2 and not result.left_out
    (image,) = result.images
    assert (image.width, image.height) == (256, 256) and image.bicubic == result.mean.bicubic
    narrow, wide = (subject.plain.y for subject in image.subjects)
    assert image.bicubic.y.psnr < narrow.psnr < wide.psnr and 0.5 < narrow.ssim < wide.ssim < 1

    tool = os.environ.get("SLIMSCALE_TOOL", "")
    if not os.path.exists(tool):
        pytest.skip("no command-line tool to compare with; the figures themselves were checked")
    command = [tool, "evaluate", str(photos / "red_door.png"), "--model", "edsr_small_x2", "--widths", "16,32", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    theirs, ours = json.loads(done.stdout), json.loads(result.json)
    for evaluation in (theirs, ours):
        for entry in (*evaluation["images"], evaluation["mean"]):
            for subject in entry["subjects"]:
                subject.pop("ms")
    assert theirs == ours


def test_evaluate_without_a_picture(tmp_path):
    (tmp_path / "a.png").write_bytes(b"nothing")
    result = slimscale.evaluate("edsr_small_x2", tmp_path / "a.png", channels="auto")
    assert result.mean is None and [path for path, _ in result.left_out] == [str(tmp_path / "a.png")]
    with pytest.raises(slimscale.Error, match="nosuch"):
        slimscale.evaluate("edsr_small_x2", tmp_path / "nosuch")
    with pytest.raises(slimscale.Error, match="fog"):
        slimscale.evaluate("edsr_small_x2", tmp_path, degrade="fog=3")


def test_evaluate_stops_where_it_is_told(tmp_path):
    def stop(done, total, path):
        if done == 1:
            raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        slimscale.evaluate("edsr_small_x2", ROOT / "samples" / "train", channels=16, progress=stop)
