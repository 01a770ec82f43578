"""Super-resolution networks compiled ahead of time: upscaling on a processor, at several channel counts from one file.

    import slimscale

    upscaler = slimscale.Upscaler("edsr_small_x2")
    large = upscaler.upscale(small)     # (y, x, 3) -> (2y, 2x, 3), of the same type

Words: `channels` is the number of feature channels of the network that runs; one model holds networks of several channel
counts, and fewer channels take less time. `width` and `height` always count pixels.
"""

from . import _core
from ._errors import (
    Busy,
    Cancelled,
    DeviceFailed,
    Error,
    InvalidArgument,
    InvalidModel,
    InvalidProfile,
    NotPlanned,
    NotProfiled,
    OutOfMemory,
    OverMemoryCap,
    PipelineFailed,
    SelfTestFailed,
    Status,
    UnknownChannels,
    UnsupportedTarget,
    UntrainedChannels,
)
from ._evaluate import Evaluation, ImageScores, Score, Scores, Subject, SubjectScores, evaluate
from ._files import Imported, ModelFile, describe_file, import_checkpoint
from ._models import Model, Target, default_threads, formats, machine, models
from ._onnx import export_onnx
from ._profile import Cost, Profile
from ._upscaler import Report, Upscaler

__version__: str = _core.version()

__all__ = [
    "Busy",
    "Cancelled",
    "Cost",
    "DeviceFailed",
    "Error",
    "Evaluation",
    "ImageScores",
    "Imported",
    "InvalidArgument",
    "InvalidModel",
    "InvalidProfile",
    "Model",
    "ModelFile",
    "NotPlanned",
    "NotProfiled",
    "OutOfMemory",
    "OverMemoryCap",
    "PipelineFailed",
    "Profile",
    "Report",
    "Score",
    "Scores",
    "SelfTestFailed",
    "Status",
    "Subject",
    "SubjectScores",
    "Target",
    "UnknownChannels",
    "UnsupportedTarget",
    "UntrainedChannels",
    "Upscaler",
    "__version__",
    "default_threads",
    "describe_file",
    "evaluate",
    "export_onnx",
    "formats",
    "import_checkpoint",
    "machine",
    "models",
]
