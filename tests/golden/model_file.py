"""Reads and writes weights files (safetensors; weights/model_file.h) with numpy only."""
import json
import struct
from dataclasses import fields
from pathlib import Path

import numpy as np

from network import Network

DTYPES = {"F32": np.float32, "F16": np.float16}
RANDOM = "random numbers"  # source of files that write_model() writes
OPTIONAL = {"input_skip", "feature_residual"}  # as in weights/metadata.cpp: files from before have none
DTYPE_NAMES = {np.dtype(kind): name for name, kind in DTYPES.items()}


def write_tensors(path, tensors, metadata=None):
    """tensors: name -> array of float32 or float16; metadata: name -> text."""
    header = {"__metadata__": metadata} if metadata else {}
    offset = 0
    for name, array in tensors.items():
        header[name] = {"dtype": DTYPE_NAMES[array.dtype], "shape": array.shape,
                        "data_offsets": [offset, offset + array.nbytes]}
        offset += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    data = b"".join(array.tobytes() for array in tensors.values())
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + data)


def read_tensors(path):
    """Returns (name -> array, metadata)."""
    raw = Path(path).read_bytes()
    (length,) = struct.unpack_from("<Q", raw)
    header, body = json.loads(raw[8 : 8 + length]), raw[8 + length :]
    metadata = header.pop("__metadata__", {})
    tensors = {name: np.frombuffer(body[slice(*entry["data_offsets"])], DTYPES[entry["dtype"]]).reshape(entry["shape"])
               for name, entry in header.items()}
    return tensors, metadata


def write_model(path, network, tensors, trained_widths, notes):
    metadata = {"format": "slimscale", "format_version": "1", "license": "CC0-1.0", "source": RANDOM,
                "trained_widths": " ".join(map(str, trained_widths)), "notes": notes}
    for field in fields(network):
        metadata["network." + field.name] = to_text(getattr(network, field.name))
    write_tensors(path, tensors, metadata)


def read_model(path):
    """Returns (Network, name -> array), without the ranges of a file that is calibrated for q16 and int8."""
    tensors, metadata = read_tensors(path)
    tensors = {name: array for name, array in tensors.items() if not name.startswith(("q16.", "int8."))}
    if metadata.get("network.linear_residuals") == "true":
        raise ValueError(f"{path}: torch_networks.py has no networks without a ReLU after residual sums")
    values = {field.name: from_text(metadata["network." + field.name], field.type) for field in fields(Network)
              if field.name not in OPTIONAL or "network." + field.name in metadata}
    return Network(**values), tensors


def to_text(value):
    if isinstance(value, tuple):
        return " ".join(map(repr, value))
    return str(value).lower() if isinstance(value, bool) else str(value)


def from_text(text, kind):
    if kind is tuple:
        return tuple(map(float, text.split()))
    return text == "true" if kind is bool else kind(text)
