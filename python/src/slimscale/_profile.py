"""Times measured on a machine, by which a channel count is chosen for a deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import _core


@dataclass(frozen=True)
class Cost:
    """Time of a frame = fixed_ms + ms_per_megapixel * low-resolution megapixels, at these channels and threads."""

    channels: int
    threads: int
    target: str
    fixed_ms: float
    ms_per_megapixel: float


class Profile:
    """Times of one model on one machine. Made by Upscaler.measure_profile."""

    def __init__(self, core: _core.Profile) -> None:
        self._core = core

    @property
    def model(self) -> str:
        return str(self._core.model)

    @property
    def machine(self) -> str:
        """The processor's or GPU's own name."""
        return str(self._core.machine)

    @property
    def costs(self) -> list[Cost]:
        return [Cost(c, threads, target, fixed / 1e6, pixel) for c, threads, target, fixed, pixel in self._core.costs]

    def to_text(self) -> str:
        """Lines of text, "slimscale profile 2" the first: for files, and for other programs on this machine."""
        return str(self._core.to_text())

    @classmethod
    def from_text(cls, text: str) -> Profile:
        """Reads what to_text gave. Whether it is of the model and the machine is checked when a frame asks for a time."""
        return cls(_core.Profile.from_text(text))

    def __reduce__(self) -> tuple[Callable[[str], Profile], tuple[str]]:
        return Profile.from_text, (self.to_text(),)

    def __repr__(self) -> str:
        return f"<slimscale.Profile of {self.model} on {self.machine}, {len(self.costs)} costs>"
