"""What the package contains: models, targets, pixel formats; and the machine."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import _core

_ZOO = Path(__file__).absolute().parent / "zoo"


@dataclass(frozen=True)
class Target:
    """A kind of processor or GPU that a model is compiled for."""

    name: str
    """ "avx2", "avx512_q16", "cuda", ..."""
    runnable: bool
    """Whether this machine runs it."""
    where: str
    """What it runs on, or a sentence that says why it does not."""


@dataclass(frozen=True)
class Model:
    """A network at one scale, compiled at several channel counts."""

    name: str
    """ "edsr_small_x2": what Upscaler takes."""
    network: str
    """ "edsr_small"."""
    scale: int
    """Output pixels per input pixel, each way."""
    colors: int
    """3: RGB; 1: luma."""
    max_channels: int
    """Feature channels of the network as it was trained."""
    channels: tuple[int, ...]
    """Compiled channel counts, ascending."""
    trained: tuple[int, ...]
    """Compiled channel counts that the weights are trained at, which Upscaler opens by default."""
    calibrated: tuple[int, ...]
    """Compiled channel counts with ranges for 16-bit fixed point (targets that end in _q16)."""
    targets: tuple[Target, ...]
    """Best first."""
    file: Path | None
    """The trained file (.safetensors) that comes with the package, for export_onnx and other programs; None: there is none."""


def model_of(fields: dict[str, Any]) -> Model:
    """A Model made of the compiled part's description."""
    channels = fields.pop("channels")
    file = _ZOO / f"{fields['name']}.safetensors"
    return Model(
        **{key: value for key, value in fields.items() if key != "targets"},
        channels=tuple(count for count, _, _ in channels),
        trained=tuple(count for count, trained, _ in channels if trained),
        calibrated=tuple(count for count, _, ranges in channels if ranges),
        targets=tuple(Target(*target) for target in fields["targets"]),
        file=file if file.exists() else None,
    )


def models() -> list[Model]:
    """The models that are compiled into this package."""
    return [model_of(fields) for fields in _core.models()]


def formats() -> list[str]:
    """Names of the pixel formats that upscale_planes and upscale_yuv take: "rgb8", "nv12", "p010", ..."""
    return list(_core.format_names())


def machine() -> str:
    """The processor's own name, or "unknown"."""
    return str(_core.machine())


def default_threads() -> int:
    """The threads of an Upscaler with threads=0: as many as affinity and control groups allow the process."""
    return int(_core.default_threads())
