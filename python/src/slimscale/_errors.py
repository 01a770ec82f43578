"""One class for all failures, a subclass for each status of the library."""

from __future__ import annotations

import enum
import re


class Status(enum.IntEnum):
    """slimscale_status of the C API (slimscale.h)."""

    INVALID_ARGUMENT = 1
    INVALID_MODEL = 2
    UNKNOWN_CHANNELS = 3
    UNTRAINED_CHANNELS = 4
    UNSUPPORTED_TARGET = 5
    OUT_OF_MEMORY = 6
    OVER_MEMORY_CAP = 7
    NOT_PLANNED = 8
    NOT_PROFILED = 9
    INVALID_PROFILE = 10
    PIPELINE_FAILED = 11
    DEVICE_FAILED = 12
    CANCELLED = 13
    BUSY = 14
    SELF_TEST_FAILED = 15


class Error(Exception):
    """A failure, with the library's sentence as its text.

    `status` is None if the library gave none, as for a file that cannot be read or a checkpoint that is not understood.
    """

    def __init__(self, sentence: str, status: Status | None = None) -> None:
        super().__init__(sentence)
        self.status = status

    def __reduce__(self) -> tuple[type[Error], tuple[str, Status | None]]:
        return type(self), (str(self), self.status)


class InvalidArgument(Error, ValueError):
    """An array of the wrong shape, type or layout, or an option that does not exist."""

    def __init__(self, sentence: str, status: Status | None = Status.INVALID_ARGUMENT) -> None:
        super().__init__(sentence, status)


class InvalidModel(Error):
    """Damaged weights, or weights of another network."""


class UnknownChannels(Error, ValueError):
    """A channel count that is not compiled in, or not opened."""


class UntrainedChannels(Error, ValueError):
    """A channel count that the weights are not trained at."""


class UnsupportedTarget(Error):
    """A target that does not exist, is not compiled in, or cannot run on this machine."""


class OutOfMemory(Error, MemoryError):
    """Memory was refused. The upscaler stays usable as it was."""


class OverMemoryCap(Error):
    """`memory_cap` is too small; the text names the size that would do."""


class NotPlanned(Error):
    """A frame of a size that was not planned. The package plans by itself, so please report this."""


class NotProfiled(Error):
    """A deadline without a profile of this machine."""


class InvalidProfile(Error):
    """A profile of another machine, model or version."""


class PipelineFailed(Error):
    """A compiled pipeline refused its arrays: a defect of slimscale, please report it."""


class DeviceFailed(Error):
    """A GPU's driver refused or failed; the text has its own words."""


class Cancelled(Error):
    """A frame was ended before it was whole."""


class Busy(Error):
    """Frames are in flight."""


class SelfTestFailed(Error):
    """A target computes something else than it should, because of a faulty driver or processor."""


_CLASSES: dict[int, type[Error]] = {
    Status.INVALID_ARGUMENT: InvalidArgument,
    Status.INVALID_MODEL: InvalidModel,
    Status.UNKNOWN_CHANNELS: UnknownChannels,
    Status.UNTRAINED_CHANNELS: UntrainedChannels,
    Status.UNSUPPORTED_TARGET: UnsupportedTarget,
    Status.OUT_OF_MEMORY: OutOfMemory,
    Status.OVER_MEMORY_CAP: OverMemoryCap,
    Status.NOT_PLANNED: NotPlanned,
    Status.NOT_PROFILED: NotProfiled,
    Status.INVALID_PROFILE: InvalidProfile,
    Status.PIPELINE_FAILED: PipelineFailed,
    Status.DEVICE_FAILED: DeviceFailed,
    Status.CANCELLED: Cancelled,
    Status.BUSY: Busy,
    Status.SELF_TEST_FAILED: SelfTestFailed,
}


# In sentences, options of the command line are replaced by the arguments with these names.
_ARGUMENTS = {"memory": "memory_cap", "width": "channels", "widths": "channels"}


def _argument(option: re.Match[str]) -> str:
    name = option[1].replace("-", "_")
    return _ARGUMENTS.get(name, name) + "="


def error_of(status: int, sentence: str) -> Error:
    """The exception that the compiled part raises. Status 0, and one of a later library, gives a plain Error."""
    sentence = re.sub(r"(?<![\w-])--([a-z][a-z-]*)", _argument, sentence)
    if status not in _CLASSES:
        return Error(sentence)
    return _CLASSES[status](sentence, Status(status))
