"""Times measured on a machine, which choose a channel count for a deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from . import _core


@dataclass(frozen=True)
class Cost:
    """At these channels and threads a frame takes fixed_ms + ms_per_megapixel * low-resolution megapixels."""

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
        """Lines of text, of which "slimscale profile 2" is the first, for files and other programs on this machine."""
        return str(self._core.to_text())

    @classmethod
    def from_text(cls, text: str) -> Profile:
        """Reads the text of to_text. A frame with a deadline checks that it is of the model and the machine."""
        return cls(_core.Profile.from_text(text))

    def __reduce__(self) -> tuple[Callable[[str], Profile], tuple[str]]:
        return Profile.from_text, (self.to_text(),)

    def __repr__(self) -> str:
        return f"<slimscale.Profile of {self.model} on {self.machine}, {len(self.costs)} costs>"
