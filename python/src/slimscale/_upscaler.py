"""The opened model."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _arrays, _core, _video
from ._errors import InvalidArgument
from ._models import Model, model_of, models
from ._profile import Profile
from ._rows import RowStream

if TYPE_CHECKING:
    import av

    from ._arrays import Array, View
    from ._rows import Request
    from ._video import Layout

Matrix = Literal["default", "bt601", "bt709", "bt2020"]
Range = Literal["default", "full", "limited"]
Siting = Literal["default", "left", "center", "top_left"]

_MATRIX = {"default": 0, "bt601": 1, "bt709": 2, "bt2020": 3}
_RANGE = {"default": 0, "full": 1, "limited": 2}
_SITING = {"default": 0, "left": 1, "center": 2, "top_left": 3}


@dataclass(frozen=True)
class Report:
    """What a frame ran with, and how long it took."""

    channels: int
    target: str
    meets_deadline: bool | None
    """A prediction: whether the profile's time for the frame, times `slowdown` where one is known, is within the deadline.
    Compare `actual_ms` to see whether it was. False: it ran all the same, with the fewest channels or those that were asked
    for. None: there was no deadline, or no profile to predict by."""
    predicted_ms: float | None
    """By the profile alone; None without one."""
    actual_ms: float
    """As measured."""
    reason: str
    """Why these channels ran: "the machine is slower than its profile", ..."""
    slowdown: float | None
    """Time of recent frames divided by the profile's prediction, at the percentile; None if no time was asked for."""


def _choice(table: dict[str, int], value: str, what: str) -> int:
    if value not in table:
        raise InvalidArgument(f"{what}={value!r} is not one of {', '.join(table)}")
    return table[value]


class Upscaler:
    """A model that is opened on this machine.

    Any thread may call it: calls wait for each other, and the interpreter's lock is released while a frame is computed.
    For frames at the same time open several upscalers with a share of the threads each. An upscaler can be pickled: the
    copy opens the same model again, so it may be sent to a worker process. After os.fork() the child has to open its own.

    Parameters
    ----------
    model
        A model's name (models() lists them), a network's name, or a trained file of a network that is compiled in. "" is
        the first trained color model of the scale.
    channels
        "auto": all trained channel counts are opened, and a frame runs with the most that meet the deadline. One or
        several numbers: only those are opened.
    deadline_ms
        Milliseconds that a frame may take; None: no limit. The profile chooses the channels of the first frame; from then on
        the times of the frames themselves count too, so that the deadline holds while the machine becomes slower or faster.
    percentile
        Percent of the frames that are to meet the deadline, above 0 and below 100.
    threads
        0: as many as the process may use.
    target
        "auto": the best that this machine runs, by `profile` where it has times of several targets: for each channel count
        the fastest whose arithmetic costs at most `loss_db`. Or "avx2", "avx512", "avx512_q16", ... (Model.targets).
    profile
        Times that choose a channel count, and targets. "auto": those in the user's cache folder, which the command-line tool
        shares (`slimscale profile` measures all targets); if there are none, the first frame with a deadline measures them
        (a few seconds) and keeps them there. A path: the same with that file. Or a Profile of measure_profile.
    loss_db
        PSNR in dB that the arithmetic of a target which "auto" takes may cost; 0: float32 alone.
    memory_cap
        Bytes that the workspace may take; 0: no cap. A cap makes frames slower, not different.
    allow_untrained
        True: channel counts that the weights are not trained at are opened too; their pictures are wrong.
    scale
        The model's scale, which is checked; with model="" or a network's name it chooses the model. 0: any.
    """

    def __init__(
        self,
        model: str | os.PathLike[str] = "",
        *,
        channels: Literal["auto"] | int | Sequence[int] = "auto",
        deadline_ms: float | None = None,
        percentile: float = 99,
        threads: int = 0,
        target: str = "auto",
        profile: Literal["auto"] | str | os.PathLike[str] | Profile = "auto",
        memory_cap: int = 0,
        allow_untrained: bool = False,
        scale: int = 0,
        device: int = 0,
        loss_db: float = 0.01,
    ) -> None:
        name = os.fspath(model)
        self._arguments = dict(
            model=name, channels=channels, deadline_ms=deadline_ms, percentile=percentile, threads=threads, target=target, profile=profile,
            memory_cap=memory_cap, allow_untrained=allow_untrained, scale=scale, device=device, loss_db=loss_db,
        )  # fmt: skip
        check_model_name(name)
        self._deadline = _deadline(deadline_ms)
        if not 0 < percentile < 100:
            raise InvalidArgument(f"percentile={percentile!r} is not above 0 and below 100")
        self._percentile = float(percentile)
        if not loss_db >= 0:
            raise InvalidArgument(f"loss_db={loss_db!r} is not 0 (float32 alone) or above")
        self._profile = profile if isinstance(profile, Profile) else None
        self._profile_path = None if profile == "auto" or isinstance(profile, Profile) else os.fspath(profile)
        self._engine = _core.Engine(
            name, scale, channel_list(channels), target, device, threads, memory_cap, allow_untrained, float(loss_db),
            self._profile._core if self._profile else None, self._profile_path or "",
        )  # fmt: skip
        self._model = model_of(self._engine.describe())
        self._profile_lock = threading.Lock()
        self._last = threading.local()

    def __reduce__(self) -> tuple[Any, ...]:
        return _reopened, (self._arguments,)

    def __repr__(self) -> str:
        channels = ", ".join(map(str, self.channels))
        return f"<slimscale.Upscaler {self.model.name}, {channels} channels, {self.target}, {self.threads} threads>"

    # ---- What is opened ----------------------------------------------------------------------------------------------

    @property
    def model(self) -> Model:
        return self._model

    @property
    def scale(self) -> int:
        """Output pixels per input pixel, each way."""
        return self._model.scale

    @property
    def channels(self) -> tuple[int, ...]:
        """Opened channel counts, ascending."""
        return tuple(self._engine.channels)

    @property
    def target(self) -> str:
        """The target in use, at the most channels: "avx512_q16"."""
        return str(self._engine.target)

    @property
    def targets(self) -> dict[int, str]:
        """The target in use by channel count, the fewest channels first."""
        return {channels: str(self._engine.target_at(channels)) for channels in self.channels}

    @property
    def threads(self) -> int:
        return int(self._engine.threads)

    @property
    def last_report(self) -> Report | None:
        """The report on the calling thread's last frame; None before the first."""
        return getattr(self._last, "report", None)

    # ---- Time --------------------------------------------------------------------------------------------------------

    def measure_profile(self, budget_ms: float = 0) -> Profile:
        """Times every opened channel count on this machine, for about `budget_ms` (0: 5000), and uses the result from now
        on. Nothing is written to a file."""
        measured = Profile(self._engine.measure_profile(budget_ms))
        self._profile = measured
        return measured

    def save_profile(self, path: str | os.PathLike[str] | None = None) -> str:
        """Writes the profile in use, which is measured first if there is none, and returns the path. None: in the cache
        folder. Times that the file has of other targets stay."""
        where = self._where(path)
        self._engine.save_profile(where, self._need_profile()._core)
        return where

    def predict(self, width: int, height: int) -> dict[int, float]:
        """Milliseconds that a frame of width x height low-resolution pixels is predicted to take, by channel count, the
        most channels first. Measures a profile if there is none."""
        return dict(self._engine.predict(self._need_profile()._core, width, height))

    def _where(self, path: str | os.PathLike[str] | None = None) -> str:
        return os.fspath(path) if path is not None else self._profile_path or self._engine.profile_path()

    def _need_profile(self) -> Profile:
        with self._profile_lock:
            if self._profile is None:
                where = self._where()
                loaded = self._engine.load_profile(where)
                if loaded is not None:
                    self._profile = Profile(loaded)
                else:
                    self._profile = Profile(self._engine.measure_profile(0))
                    try:
                        self._engine.save_profile(where, self._profile._core)
                    except Exception:  # without the cache the next start measures again; a path of the caller's must work
                        if self._profile_path is not None:
                            raise
            return self._profile

    # ---- Frames ------------------------------------------------------------------------------------------------------

    def plan(self, width: int, height: int) -> None:
        """Allocates for frames of width x height low-resolution pixels. upscale does so for a new size; call this if the
        first frame must not wait for it."""
        self._engine.plan(width, height)

    def upscale(
        self,
        array: Any,
        *,
        out: Array | None = None,
        order: Literal["rgb", "bgr"] = "rgb",
        layout: Literal["hwc", "chw"] = "hwc",
        channels: int | None = None,
        deadline_ms: float | None = None,
    ) -> Any:
        """Upscales an image: (y, x, 3) -> (scale*y, scale*x, 3), of the same type.

        Parameters
        ----------
        array
            (y, x, 3) color, (y, x) or (y, x, 1) gray, (y, x, 4) color with straight alpha. uint8 and uint16 are full scale;
            float32 and float16 have white at 1, and results in floats are not clamped. A NumPy array, or any CPU array with
            __dlpack__; for a PyTorch tensor the result is one.

            Interleaved pixels (rows may be apart, as in crops and views upside down), BGR views of 8 bits (array[..., ::-1])
            and planes (views like tensor.permute(1, 2, 0)) are not copied. Other strides, foreign byte order, BGR of more
            than 8 bits and bfloat16 are copied. So are images in which some alpha is 0: such pixels take their neighbors'
            colors, since any color may be stored there.

            Gray goes through a color network as three equal colors and comes back as their BT.601 luma. Alpha is enlarged
            bicubically.
        out
            Array for the result, (scale*y, scale*x, ...) of the same type, such as a crop of a larger one. It must not
            overlap the input. Layouts that are copied for inputs are copied here too.
        order
            "bgr": blue comes first in input and result, as in OpenCV.
        layout
            "chw": input and result have planes first, (3, y, x), as in PyTorch.
        channels
            Channels of this frame; None: as opened.
        deadline_ms
            Deadline of this frame in milliseconds; None: as opened.
        """
        if order not in ("rgb", "bgr") or layout not in ("hwc", "chw"):
            raise InvalidArgument(f"order={order!r}, layout={layout!r}: the order is rgb or bgr, the layout hwc or chw")
        source = _arrays.to_numpy(array)
        into = out
        if layout == "chw" and source.ndim == 3:
            source = source.transpose(1, 2, 0)
            into = None if out is None else np.asarray(out).transpose(1, 2, 0)
        result = self._upscale(source, into, order, channels, deadline_ms)
        if out is not None:
            return out
        return _arrays.like_input(result.transpose(2, 0, 1) if layout == "chw" and result.ndim == 3 else result, array)

    def _upscale(
        self, source: Array, out: Array | None, order: str, channels: int | None, deadline_ms: float | None
    ) -> Array:
        _arrays.check_pixels(source)
        if source.ndim == 3 and source.shape[2] == 4:
            source = _arrays.without_hidden_colors(source)
        colors = self._model.colors
        view = _arrays.view_of(source, colors, order)
        scale = self._model.scale
        if out is not None:
            self._check_out(source, out)
        gray = source.ndim == 2 or source.shape[2] == 1
        height, width = source.shape[0], source.shape[1]
        if gray and colors == 3:
            planes = np.empty((3, height * scale, width * scale), source.dtype.newbyteorder("="))
            self._run(view, view.format, list(planes), width, height, channels, deadline_ms)
            luma = _arrays.luma_of(planes)
            result = luma if source.ndim == 2 else luma[:, :, np.newaxis]
            if out is None:
                return result
            out[...] = result
            return out
        result = _arrays.result_like(source, scale, view) if out is None else out
        target = _arrays.view_of(result, colors, order)
        self._run(view, target.format, target.planes, width, height, channels, deadline_ms)
        if target.copied:
            _arrays.write_back(target, result)
        return result

    def _check_out(self, source: Array, out: Array) -> None:
        scale = self._model.scale
        shape = (source.shape[0] * scale, source.shape[1] * scale, *source.shape[2:])
        if not isinstance(out, np.ndarray) or out.shape != shape or out.dtype != source.dtype:
            got = f"{out.dtype} {out.shape}" if isinstance(out, np.ndarray) else type(out).__name__
            raise InvalidArgument(f"`out` must be a NumPy array of {source.dtype} and shape {shape}, not {got}")
        if not out.flags.writeable:
            raise InvalidArgument("`out` is read-only")
        if np.may_share_memory(source, out):
            raise InvalidArgument("`out` overlaps the input")

    def _run(
        self,
        view: View,
        format: str,
        planes: list[Array],
        width: int,
        height: int,
        channels: int | None,
        deadline_ms: float | None,
    ) -> None:
        scale = self._model.scale
        self._run_planes(
            (view.format, width, height, 0, 0, 0), view.planes, (format, width * scale, height * scale, 0, 0, 0), planes,
            channels, deadline_ms,
        )  # fmt: skip

    def _run_planes(
        self,
        from_layout: Layout,
        from_planes: list[Array],
        to_layout: Layout,
        to_planes: list[Array],
        channels: int | None,
        deadline_ms: float | None,
    ) -> None:
        request = self._request(channels, deadline_ms)
        self._keep_report(self._engine.run(from_layout, from_planes, to_layout, to_planes, *request), request)

    def _request(self, channels: int | None, deadline_ms: float | None) -> Request:
        budget = self._deadline if deadline_ms is None else _deadline(deadline_ms)
        profile = None
        if budget and (len(self.channels) > 1 or self._profile is not None):
            profile = self._need_profile()
        return channels or 0, budget if profile else 0.0, self._percentile, profile._core if profile else None

    def _keep_report(self, done: tuple[int, str, bool, float, float, str, float], request: Request) -> None:
        has_profile = request[3] is not None
        self._last.report = Report(
            channels=done[0],
            target=done[1],
            meets_deadline=done[2] if has_profile else None,
            predicted_ms=done[3] if has_profile else None,
            actual_ms=done[4],
            reason=done[5],
            slowdown=done[6] or None,
        )

    # ---- Rows --------------------------------------------------------------------------------------------------------

    def upscale_rows(
        self,
        bands: Iterable[Any],
        height: int,
        *,
        order: Literal["rgb", "bgr"] = "rgb",
        channels: int | None = None,
        deadline_ms: float | None = None,
    ) -> Iterator[Array]:
        """Upscales an image that comes in bands of rows, from its top, and yields bands of the result as soon as they are
        final: (rows, x, 3) ... -> (rows, scale*x, 3) ... Neither image is ever in memory as a whole, unless it is small enough
        for one band of the workspace, which memory_cap makes lower. The bytes are those of upscale().

            rows = upscaler.upscale_rows((photo[y:y + 64] for y in range(0, len(photo), 64)), height=len(photo))
            for band in rows:
                write(band)

        Until the last band, or rows.close(), the upscaler is in use: other calls raise Busy. Networks that take means over the
        whole image (RCAN) are refused.

        Parameters
        ----------
        bands
            Arrays of any number of rows, as upscale() takes them, of one type, width and layout. Colors under transparent
            pixels are taken as they are.
        height
            Rows of all bands together, in pixels.
        order, channels, deadline_ms
            As for upscale(). The deadline is for the whole image.

        Yields
        ------
        (rows, scale*x, ...) of the same type; a new array each time. The number of rows varies.
        """
        if order not in ("rgb", "bgr"):
            raise InvalidArgument(f"order={order!r}: the order is rgb or bgr")
        if height < 1:
            raise InvalidArgument(f"height={height!r}: an image has at least one row")
        return self._rows(bands, height, order, self._request(channels, deadline_ms))

    def _rows(self, bands: Iterable[Any], height: int, order: str, request: Request) -> Iterator[Array]:
        stream: RowStream | None = None
        try:
            for band in bands:
                array = _arrays.to_numpy(band)
                _arrays.check_pixels(array)
                view = _arrays.view_of(array, self._model.colors, order)
                if stream is None:
                    stream = RowStream(self._engine, self._model, view, array, height, order)
                    stream.begin(request)
                yield from stream.push(view, array)
            if stream is None or stream.rows < height:
                raise InvalidArgument(f"the bands have {stream.rows if stream else 0} rows together, not {height}")
        except BaseException:  # GeneratorExit too: the frame must not stay open
            if stream is not None:
                stream.abandon()
            raise
        self._keep_report(self._engine.end_rows(), request)

    # ---- Video -------------------------------------------------------------------------------------------------------

    def upscale_planes(
        self,
        planes: Sequence[Array],
        format: str,
        width: int,
        height: int,
        *,
        output_format: str | None = None,
        matrix: Matrix = "default",
        range: Range = "default",
        siting: Siting = "default",
        channels: int | None = None,
        deadline_ms: float | None = None,
    ) -> list[Array]:
        """Upscales a frame of any pixel format, in planes as cameras and decoders have them.

        Parameters
        ----------
        planes
            An array for each plane, (rows, samples) or (rows, samples, n), which is not copied. Rows may be longer than
            needed and apart. Sizes of chroma planes are rounded up.
        format
            One of formats(), or a name of FFmpeg or GStreamer for the same layout.
        width, height
            Size of the frame in pixels, from 1 x 1 on.
        output_format
            Format of the result; None: the input's.
        matrix, range, siting
            How YUV is coded, in input and output. The defaults are BT.709 for frames at least 1280 wide or more than 576
            high, else BT.601; limited range; chroma sited left.

        Returns
        -------
        (rows, samples) for each plane: scale times as wide and high, uint8, uint16 or floats as the format has them.
        """
        to = output_format or format
        scale = self._model.scale
        results = _video.empty_planes(to, width * scale, height * scale)
        if _core.describe_format(to)["model"] == 3 and self._model.colors == 1:  # planar: one gray plane
            results = results[:1]
        colors = (_choice(_MATRIX, matrix, "matrix"), _choice(_RANGE, range, "range"), _choice(_SITING, siting, "siting"))
        to_colors = (0, 0, 0) if output_format else colors
        self._run_planes(
            (format, width, height, *colors), list(planes), (to, width * scale, height * scale, *to_colors), results,
            channels, deadline_ms,
        )  # fmt: skip
        return results

    def upscale_yuv(
        self,
        array: Any,
        format: str = "nv12",
        *,
        matrix: Matrix = "default",
        range: Range = "default",
        siting: Siting = "default",
        channels: int | None = None,
        deadline_ms: float | None = None,
    ) -> Array:
        """Upscales a 4:2:0 frame in one array, as PyAV's to_ndarray and OpenCV lay it out: (3*y/2, x) -> scale times that.

        Parameters
        ----------
        array
            (3*y/2, x): y rows of luma, then the chroma of the format. uint8 for "nv12", "nv21", "i420" (PyAV's "yuv420p"),
            uint16 for "p010", "i420_10", ... x and y are even; upscale_planes takes other sizes, which have no such
            layout. Only formats of three planes are copied, if their rows lie apart.
        """
        source = _arrays.to_numpy(array)
        height, width = _video.size_of_packed(source, format)
        scale = self._model.scale
        result = np.empty((source.shape[0] * scale, source.shape[1] * scale), source.dtype)
        colors = (_choice(_MATRIX, matrix, "matrix"), _choice(_RANGE, range, "range"), _choice(_SITING, siting, "siting"))
        self._run_planes(
            (format, width, height, *colors),
            _video.packed_planes(source, format, width, height),
            (format, width * scale, height * scale, *colors),
            _video.packed_planes(result, format, width * scale, height * scale),
            channels,
            deadline_ms,
        )
        return result

    def upscale_frame(
        self, frame: av.VideoFrame, *, channels: int | None = None, deadline_ms: float | None = None
    ) -> av.VideoFrame:
        """Upscales a frame of PyAV into a new one of the same format, without a copy on either side.

        The result keeps time stamps and color tags. If the input does not tell its matrix or range, the result is tagged
        with those that were assumed, since a player would guess the matrix by the size, and the size has changed.
        Interlaced frames are refused.
        """
        source = _video.open_frame(frame, writable=False)
        result = _video.frame_for(frame, self._model.scale)
        target = _video.open_frame(result, writable=True)
        self._run_planes(source.layout, source.planes, target.layout, target.planes, channels, deadline_ms)
        return result


def _reopened(arguments: dict[str, Any]) -> Upscaler:
    return Upscaler(**arguments)


def _deadline(deadline_ms: float | None) -> float:
    if deadline_ms is None:
        return 0.0
    if not deadline_ms > 0:
        raise InvalidArgument(f"deadline_ms={deadline_ms!r} is not a time; give milliseconds, or None for no limit")
    return float(deadline_ms)


def channel_list(channels: str | int | Sequence[int]) -> list[int]:
    """Channel counts to open, ascending; empty for all that are trained."""
    if isinstance(channels, str):
        if channels != "auto":
            raise InvalidArgument(f'channels={channels!r}: give "auto", a channel count or several')
        return []
    counts = sorted({channels} if isinstance(channels, int) else set(channels))
    if not counts or counts[0] < 1:
        raise InvalidArgument(f'channels={channels!r}: give "auto", a channel count or several')
    return counts


def check_model_name(name: str) -> None:
    known = models()
    if name and not os.path.exists(name) and name not in {m.name for m in known} | {m.network for m in known}:
        raise InvalidArgument(f"{name}: no file, and no model of this package; there are: {', '.join(m.name for m in known)}")
