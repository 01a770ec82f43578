"""Trained files, and other programs' checkpoints converted to them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import _core


@dataclass(frozen=True)
class ModelFile:
    """The description in a trained file (.safetensors)."""

    path: Path
    name: str
    scale: int
    colors: int
    max_channels: int
    trained: tuple[int, ...]
    """Channel counts, ascending."""
    license: str
    source: str
    notes: str
    metadata: dict[str, str]
    """The network's description, "network.family" and so on."""


def _model_file(path: str, fields: dict[str, Any]) -> ModelFile:
    return ModelFile(
        path=Path(path),
        name=fields["name"],
        scale=fields["scale"],
        colors=fields["colors"],
        max_channels=fields["max_channels"],
        trained=tuple(fields["trained"]),
        license=fields["license"],
        source=fields["source"],
        notes=fields["notes"],
        metadata=dict(fields["metadata"]),
    )


def describe_file(path: str | os.PathLike[str]) -> ModelFile:
    """Reads and checks a trained file."""
    return _model_file(os.fspath(path), _core.describe_file(os.fspath(path)))


@dataclass(frozen=True)
class Imported:
    """A trained file that was made of a checkpoint, and how that was read."""

    file: ModelFile
    layout: str
    """ "EDSR of BasicSR"."""
    prefix: str
    """ "params_ema.", or ""."""
    rejected: tuple[str, ...]
    """Prefixes of other networks that are there too."""
    skipped: tuple[str, ...]
    """Tensors that no convolution of the network uses."""


def import_checkpoint(
    checkpoint: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    network: str = "auto",
    name: str = "",
    prefix: str | None = None,
    scale: int = 0,
    trained: Sequence[int] = (),
    slicing: str = "",
    res_scale: float | None = None,
    range: float | None = None,
    mean: Sequence[float] | None = None,
    license: str = "",
    source: str = "",
    notes: str = "",
) -> Imported:
    """Makes a trained file of another program's checkpoint, as slimscale_import does.

    Parameters
    ----------
    checkpoint
        .pth, .pt, .ckpt or .safetensors with the tensor names of EDSR-PyTorch, BasicSR, mmagic, CARN-pytorch, CSD or
        Real-ESRGAN (weights/README.md has the table). Nothing in a .pth is run, and PyTorch is not needed.
    output
        The trained file to write (.safetensors). It appears whole or not at all.
    network
        The preset that the checkpoint must match, or "auto".
    name
        Name of the network; "": the matching preset's, or one made of its size.
    prefix
        Prefix of the names of the network to take, such as "params.", if the checkpoint holds several; None: the only one,
        or averaged weights.
    scale
        2, 3 or 4: the up-sampler to take of a checkpoint for several scales; 0: its only one.
    trained
        Channel counts that it was trained at; empty: only the full count.
    slicing
        How concatenations are sliced at fewer channels: "per_segment" or "leading"; "": as its authors train.
    res_scale
        EDSR's residual scale; None: the matching preset's.
    range, mean
        The value of white inside the network, and the mean that it subtracts, three shares of white; None: from the
        checkpoint, or 255 and DIV2K's.
    license, source, notes
        Kept in the file.
    """
    path = os.fspath(output)
    fields = _core.import_checkpoint(
        os.fspath(checkpoint), path, network, name, prefix, scale, slicing, res_scale, range,
        None if mean is None else list(mean), list(trained), license, source, notes,
    )  # fmt: skip
    return Imported(
        _model_file(path, fields), fields["layout"], fields["prefix"], tuple(fields["rejected"]), tuple(fields["skipped"])
    )
