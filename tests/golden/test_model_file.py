"""Files as the Python side reads them: the golden cases, and those of weights/zoo, whose metadata are older than some
fields."""
from pathlib import Path

import numpy as np
import pytest

import model_file
from network import Network

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", sorted((ROOT / "weights" / "zoo").glob("*.safetensors")), ids=lambda path: path.stem)
def test_trained_files_are_read(path):
    network, tensors = model_file.read_model(path)
    # Between the network and the scale, a file's name may say what it was trained for, as compact_photo_x2 does.
    assert path.stem.startswith(network.name) and path.stem.endswith(f"_x{network.scale}")
    assert tensors["head.weight"].shape == (network.channels, network.colors, 3, 3)
    assert not any(name.startswith("q16.") for name in tensors)


def test_files_are_read_as_written(tmp_path):
    network = Network("mine", "compact", channels=32, input_skip=True, mean=(0.5, 0.25, 0.0))
    tensors = {"head.weight": np.arange(6, dtype=np.float32).reshape(2, 3)}
    model_file.write_model(tmp_path / "mine.safetensors", network, tensors, [16, 32], "")
    read, values = model_file.read_model(tmp_path / "mine.safetensors")
    assert read == network
    assert np.array_equal(values["head.weight"], tensors["head.weight"])


def rewritten(path, change):
    model_file.write_model(path, Network("mine", "edsr"), {}, [64], "")
    tensors, metadata = model_file.read_tensors(path)
    change(metadata)
    model_file.write_tensors(path, tensors, metadata)
    return path


def test_a_field_that_every_file_has_is_missed(tmp_path):
    with pytest.raises(KeyError):
        model_file.read_model(rewritten(tmp_path / "mine.safetensors", lambda data: data.pop("network.blocks")))


def test_networks_that_pytorch_is_not_written_for_are_refused(tmp_path):
    file = rewritten(tmp_path / "mine.safetensors", lambda data: data.update({"network.linear_residuals": "true"}))
    with pytest.raises(ValueError, match="residual"):
        model_file.read_model(file)
