"""Writes data/*.pth, files of torch.save for torch_file_test.cpp: the same contents in each form of the format.

    python tests/weights/make_torch_files.py      # torch 2.13.0 wrote those that are here

Value i of a tensor of n values is (i - 5) / 2, in row-major order; "params_ema" holds the doubled values.
"""
import collections
import pathlib

import torch

FOLDER = pathlib.Path(__file__).parent / "data"


def ramp(shape, dtype, factor=1):
    count = torch.Size(shape).numel()
    return ((torch.arange(count, dtype=torch.float64) - 5) / 2 * factor).to(dtype).reshape(shape)


def weights(factor):
    shared = ramp((12,), torch.float32, factor)
    return collections.OrderedDict(
        [
            ("half.weight", ramp((2, 3, 1, 2), torch.float16, factor)),
            ("brain.weight", ramp((4,), torch.bfloat16, factor)),
            ("double.weight", ramp((3,), torch.float64, factor)),
            ("last.weight", ramp((2, 3, 2, 2), torch.float32, factor).to(memory_format=torch.channels_last)),
            ("view.weight", shared[4:10].reshape(2, 3)),
            ("turned.weight", ramp((3, 4), torch.float32, factor).t()),
            ("step", torch.tensor(7, dtype=torch.int64)),
            ("empty", torch.zeros(0, 3)),
        ]
    )


def contents():
    parameter = torch.nn.Parameter(ramp((5,), torch.float32))
    state = torch.nn.Linear(1, 1).state_dict()  # has _metadata, which makes a BUILD instruction
    state["weight"], state["bias"] = ramp((1, 1), torch.float32), ramp((1,), torch.float32)
    return {
        "params": weights(1),
        "params_ema": weights(2),
        "list": [parameter, {"deep": (ramp((2,), torch.int32), None, True)}],
        "state": state,
        "epoch": 300,
        "big": 1 << 40,
        "negative": -3,
        "lr": 1e-4,
        "size": torch.Size([1, 2]),
        "name": "sr",
    }


FOLDER.mkdir(exist_ok=True)
torch.save(contents(), FOLDER / "zip.pth")
torch.save(contents(), FOLDER / "protocol_5.pth", pickle_protocol=5)
torch.save(contents(), FOLDER / "legacy.pth", _use_new_zipfile_serialization=False)
