"""What a worker does: pieces of work, from bytes to bytes, so that no folder needs to be shared between machines."""

from __future__ import annotations

import functools
import io
import os
import socket
import tempfile
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Callable

import slimscale

from .. import _core
from .._video import Colors, colors_of, set_colors

if TYPE_CHECKING:
    import av


@dataclass(frozen=True)
class Settings:
    """How every piece is computed. A worker gets it once and keeps what it opened."""

    model: str
    """A model's name, or the name of the trained file whose content is in `weights`."""
    weights: bytes | None
    channels: int
    """0: the most that are trained."""
    scale: int
    target: str
    threads: int
    memory_cap: int
    border: str


@dataclass(frozen=True)
class Encoding:
    """How the frames of a video are encoded. Each segment is encoded alone, so all have one beginning."""

    codec: str
    options: tuple[tuple[str, str], ...]
    time_base: Fraction
    rate: Fraction
    aspect: Fraction | None
    """Of a pixel, width to height."""
    colors: Colors
    """What the container tells, for frames that do not."""

    @property
    def lead(self) -> int:
        """The time stamp of a segment's first frame in the file of its packets. Encoders decode earlier than they show, and
        containers move negative times."""
        return round(600 / self.time_base)


@dataclass(frozen=True)
class Segment:
    """Packets of a video in a file of their own, and which of their frames are upscaled; those before only lead up to them."""

    packets: bytes
    shift: int
    """Added to all time stamps in `packets`, in units of the time base."""
    times: tuple[int, ...]
    """Time stamps of the frames, in units of the time base."""
    complete: bool
    """Whether every one of `times` must be decoded; a packet of VP8 may hold no picture."""
    size: tuple[int, int]


@dataclass(frozen=True)
class Result:
    """A piece that is done."""

    data: bytes
    channels: int
    target: str
    size: tuple[int, int]
    """(width, height) of the input in pixels."""
    ms: float
    notes: tuple[str, ...]
    """Sentences about what the result lacks."""
    node: str


@dataclass(frozen=True)
class Failure:
    """A sentence that says why a piece failed."""

    sentence: str
    unfit: bool = False
    """The machine is at fault and not the input: another one may succeed."""
    node: str = ""


class _Unfit(Exception):
    pass


def node_name() -> str:
    return socket.gethostname()


_opened: dict[tuple[type, Settings], Any] = {}


def _open(kind: Callable[[Settings, str], Any], key: type, settings: Settings) -> Any:
    """What was opened for these settings. A process keeps one set, since workers are used again for other runs."""
    if (key, settings) in _opened:
        return _opened[key, settings]
    for other in [other for other in _opened if other[1] != settings]:
        del _opened[other]
    try:
        if settings.weights is None:
            opened = kind(settings, settings.model)
        else:
            with tempfile.TemporaryDirectory(prefix="slimscale-") as folder:
                file = os.path.join(folder, os.path.basename(settings.model))
                with open(file, "wb") as stream:
                    stream.write(settings.weights)
                opened = kind(settings, file)
    except (slimscale.Error, OSError) as error:
        raise _Unfit(str(error)) from error
    _opened[key, settings] = opened
    return opened


def _files(settings: Settings) -> _core.FileUpscaler:
    def kind(s: Settings, model: str) -> _core.FileUpscaler:
        channels = [s.channels] if s.channels else []
        return _core.FileUpscaler(model, s.scale, channels, s.target, s.threads, s.memory_cap, s.border)

    return _open(kind, _core.FileUpscaler, settings)


def _frames(settings: Settings) -> slimscale.Upscaler:
    def kind(s: Settings, model: str) -> slimscale.Upscaler:
        return slimscale.Upscaler(
            model, channels=s.channels, threads=s.threads, target=s.target, memory_cap=s.memory_cap, scale=s.scale
        )

    opened: slimscale.Upscaler = _open(kind, slimscale.Upscaler, settings)
    return opened


def _result(data: bytes, done: tuple[int, str, int, int, float, list[str]]) -> Result:
    channels, target, width, height, ms, notes = done
    return Result(data, channels, target, (width, height), ms, tuple(notes), node_name())


def picture(settings: Settings, file: bytes, format: str, quality: int) -> Result:
    """Upscales a picture's file to a file of another format or the same."""
    data, done = _files(settings).picture(file, format, quality)
    return _result(data, done)


def y4m(settings: Settings, stream: bytes) -> Result:
    """Upscales a y4m stream. The result is its frames, without the stream's header."""
    opened = _files(settings)
    file = os.memfd_create("slimscale")
    try:
        with open(file, "wb", closefd=False) as whole:
            whole.write(stream)
        data, done = opened.y4m(f"/proc/self/fd/{file}")
    finally:
        os.close(file)
    return _result(data, done)


@functools.cache
def carrier(codec: str) -> str:
    """A container for packets that keeps every time base."""
    import av

    with av.open(io.BytesIO(), "w", format="nut") as nut:
        return "nut" if codec in nut.supported_codecs else "mov"


def segment(settings: Settings, piece: Segment, encoding: Encoding) -> Result:
    """Decodes, upscales and encodes a segment of a video. The result is a file of its packets."""
    import av

    upscaler = _frames(settings)
    wanted = set(piece.times)
    file = io.BytesIO()
    ms, stream = 0.0, None
    name = av.Codec(encoding.codec, "w").canonical_name
    with av.open(io.BytesIO(piece.packets)) as source, av.open(file, "w", format=carrier(name)) as sink:
        video = source.streams.video[0]
        video.codec_context.thread_count = settings.threads
        for frame in _decoded(source, piece, encoding):
            if frame.pts not in wanted:
                continue
            wanted.remove(frame.pts)
            if (frame.width, frame.height) != piece.size:
                raise slimscale.Error(f"its frames change their size at {_seconds(frame.pts, encoding)}")
            tag(frame, encoding.colors)
            large = upscaler.upscale_frame(frame)
            ms += upscaler.last_report.actual_ms if upscaler.last_report else 0
            if stream is None:
                stream = _encoder(sink, large, encoding, settings.threads)
            large.pts, large.time_base = frame.pts - piece.times[0] + encoding.lead, encoding.time_base
            for packet in stream.encode(large):
                sink.mux(packet)
        if wanted and (piece.complete or stream is None):
            raise slimscale.Error(
                f"{len(wanted)} frames from {_seconds(min(wanted), encoding)} on cannot be decoded; the video is damaged"
            )
        assert stream is not None
        for packet in stream.encode():
            sink.mux(packet)
    report = upscaler.last_report
    assert report is not None
    return Result(file.getvalue(), report.channels, report.target, piece.size, ms, (), node_name())


def _decoded(source: Any, piece: Segment, encoding: Encoding) -> Any:
    """The frames, with their time stamps in the video's own time base."""
    import av

    time = piece.times[0]
    try:
        for frame in source.decode(video=0):
            if frame.pts is None:
                raise slimscale.Error(f"a frame near {_seconds(time, encoding)} has no time stamp")
            time = round(frame.pts * frame.time_base / encoding.time_base) - piece.shift
            frame.pts, frame.time_base = time, encoding.time_base
            yield frame
    except av.FFmpegError as error:
        raise slimscale.Error(f"it cannot be decoded near {_seconds(time, encoding)}: {error.strerror}") from error


def _seconds(time: int, encoding: Encoding) -> str:
    return f"{float(time * encoding.time_base):.2f} s"


def tag(frame: av.VideoFrame, colors: Colors) -> None:
    """Gives a frame the container's description of its colors where it has none of its own."""
    unspecified = (2, 2, 2, 0)
    primaries, transfer, matrix, range = (
        container if own == nothing else own for own, nothing, container in zip(colors_of(frame), unspecified, colors)
    )
    set_colors(frame, (primaries, transfer, matrix, range))


def _encoder(
    sink: av.container.OutputContainer, frame: av.VideoFrame, encoding: Encoding, threads: int
) -> Any:
    import av
    from av.codec.context import Flags

    formats = [format.name for format in av.Codec(encoding.codec, "w").video_formats or []]
    if formats and frame.format.name not in formats:
        raise slimscale.Error(f"{encoding.codec} does not take {frame.format.name}; --codec names another encoder, such as ffv1")
    stream: Any = sink.add_stream(encoding.codec, rate=encoding.rate, options=dict(encoding.options))
    context = stream.codec_context
    context.width, context.height, context.pix_fmt = frame.width, frame.height, frame.format.name
    context.time_base = stream.time_base = encoding.time_base
    set_colors(context, colors_of(frame))
    if encoding.aspect:
        context.sample_aspect_ratio = encoding.aspect
    context.thread_count = threads
    context.flags |= Flags.global_header
    try:
        context.open()
    except av.FFmpegError as error:
        raise slimscale.Error(
            f"{encoding.codec} refuses frames of {frame.width}x{frame.height} in {frame.format.name}: {error.strerror}"
        ) from error
    return stream


@dataclass(frozen=True)
class Machine:
    """What a worker says of its machine before the first piece."""

    node: str
    version: str
    targets: tuple[str, ...]
    """Targets of the model that run there, best first."""


def machine(settings: Settings) -> Machine:
    """Opens the model, which a machine that is fit can, and tells the targets."""
    opened = _files(settings)
    model = next(m for m in slimscale.models() if m.name == opened.model)
    return Machine(node_name(), slimscale.__version__, tuple(t.name for t in model.targets if t.runnable))


def attempt(settings: Settings, function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    """Calls function(settings, *arguments) and returns its failure as a value, since exceptions mean a lost worker."""
    try:
        return function(settings, *arguments)
    except _Unfit as error:
        return Failure(str(error), unfit=True, node=node_name())
    except slimscale.Error as error:
        return Failure(str(error), node=node_name())
    except MemoryError:
        return Failure("not enough memory for it", node=node_name())
    except ImportError as error:
        return Failure(f"{error}; install slimscale[video] there", unfit=True, node=node_name())
    except Exception as error:  # a defect of ours or of a library: this input fails, and the others go on
        return Failure(f"{type(error).__name__}: {error}", node=node_name())
