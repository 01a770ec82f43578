"""Frames of video as planes: arrays that hold a whole 4:2:0 frame, and PyAV's frames."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._errors import InvalidArgument

if TYPE_CHECKING:
    import av

Array = NDArray[Any]
Layout = tuple[str, int, int, int, int, int]
Colors = tuple[int, int, int, int]
"""How colors are coded, in the numbers of ITU-T H.273 and FFmpeg: primaries, transfer, matrix, range."""

_FULL, _LIMITED = 1, 2  # slimscale_range
_BT601, _BT709, _BT2020 = 1, 2, 3  # slimscale_matrix
# AVColorSpace, ITU-T H.273: 1 BT.709, 5 BT.470 BG, 6 SMPTE 170M, 9 BT.2020 with non-constant luminance.
_MATRIX_OF_COLORSPACE = {1: _BT709, 2: 0, 5: _BT601, 6: _BT601, 9: _BT2020}
_COLORSPACE_OF_MATRIX = {_BT601: 5, _BT709: 1, _BT2020: 9}
# Formats of FFmpeg that are ours with another order of planes or range: our name, order, range.
_GUISES: dict[str, tuple[str, tuple[int, ...], int]] = {
    "yuvj420p": ("i420", (0, 1, 2), _FULL),
    "yuvj422p": ("i422", (0, 1, 2), _FULL),
    "yuvj444p": ("i444", (0, 1, 2), _FULL),
    "gbrp": ("planar_8", (2, 0, 1), 0),
    "gbrp16le": ("planar_16", (2, 0, 1), 0),
    "gbrpf32le": ("planar_f32", (2, 0, 1), 0),
}


def sample_type(format: str) -> np.dtype[Any]:
    """The type of a format's samples."""
    info = _core.describe_format(format)
    return np.dtype(("f" if info["floats"] else "u") + str(info["word_bytes"]))


def empty_planes(format: str, width: int, height: int) -> list[Array]:
    """Uninitialised (rows, samples) for each plane of a frame in pixels."""
    dtype = sample_type(format)
    sizes = _core.plane_sizes(format, width, height)
    return [np.empty((rows, row_bytes // dtype.itemsize), dtype) for row_bytes, rows in sizes]


def _count_packed_planes(format: str) -> int:
    """The number of planes of a 4:2:0 format; other formats are refused."""
    sizes = _core.plane_sizes(format, 4, 4)
    samples = sum(row_bytes * rows for row_bytes, rows in sizes) // sample_type(format).itemsize
    if samples != 24 or len(sizes) == 1:
        raise InvalidArgument(f"{format} is no 4:2:0 format of planes; upscale_planes takes every format")
    return len(sizes)


def size_of_packed(array: Array, format: str) -> tuple[int, int]:
    """(height, width) in pixels of the frame in an array of (3*height/2, width)."""
    _count_packed_planes(format)
    if array.dtype != sample_type(format):
        raise InvalidArgument(f"a frame of {format} has samples of {sample_type(format)}, not {array.dtype}")
    if array.ndim != 2 or 0 in array.shape or array.shape[0] % 3 or array.shape[1] % 2:
        raise InvalidArgument(
            f"a frame of {format} in one array has the shape (3*y/2, x) with even x and y, not {array.shape}; "
            "upscale_planes takes frames of other sizes, plane by plane"
        )
    return array.shape[0] // 3 * 2, array.shape[1]


def packed_planes(array: Array, format: str, width: int, height: int) -> list[Array]:
    """The planes within such an array. Only three planes in rows that lie apart are copied."""
    count = _count_packed_planes(format)
    if array.shape[1] > 1 and array.strides[1] != array.itemsize:
        array = np.ascontiguousarray(array)
    luma, chroma = array[:height], array[height:]
    if count == 2:
        return [luma, chroma]
    size = (height // 2, width // 2)
    flat = chroma.reshape(-1)  # a copy if rows lie apart
    half = size[0] * size[1]
    return [luma, flat[:half].reshape(size), flat[half:].reshape(size)]


@dataclass(frozen=True)
class OpenedFrame:
    layout: Layout
    planes: list[Array]  # bytes: (rows, bytes of a row and its padding)


def _colors_of(frame: av.VideoFrame, guise_range: int) -> tuple[int, int]:
    space = int(frame.colorspace)
    if space not in _MATRIX_OF_COLORSPACE and not _is_rgb(frame):
        raise InvalidArgument(
            f"the frame's colorspace {space} is not converted here; set frame.colorspace to ITU709, ITU601 or BT2020"
        )
    matrix = _MATRIX_OF_COLORSPACE.get(space, 0)
    return matrix, guise_range or {1: _LIMITED, 2: _FULL}.get(int(frame.color_range), 0)


def colors_of(coded: Any) -> Colors:
    """Of a frame or a codec's context."""
    return int(coded.color_primaries), int(coded.color_trc), int(coded.colorspace), int(coded.color_range)


def set_colors(coded: Any, colors: Colors) -> None:
    """Of a frame or a codec's context."""
    coded.color_primaries, coded.color_trc, coded.colorspace, coded.color_range = colors


def _is_rgb(frame: av.VideoFrame) -> bool:
    return bool(frame.format.is_rgb)


def open_frame(frame: av.VideoFrame, *, writable: bool) -> OpenedFrame:
    """The frame's planes in place."""
    if frame.interlaced_frame:
        raise InvalidArgument("the frame is interlaced; deinterlace it first")
    name = frame.format.name
    format, order, guise_range = _GUISES.get(name, (name, (), 0))
    sizes = _core.plane_sizes(format, frame.width, frame.height)
    if len(frame.planes) != len(sizes):
        raise InvalidArgument(f"a frame of {name} has {len(frame.planes)} planes; {len(sizes)} were expected")
    planes = []
    for index, (row_bytes, rows) in zip(order or range(len(sizes)), sizes):
        plane = frame.planes[index]
        if plane.line_size < row_bytes:
            raise InvalidArgument("the frame's rows run upwards; frame.reformat() gives a copy whose rows do not")
        rows_of_bytes = np.frombuffer(memoryview(plane), np.uint8)[: rows * plane.line_size].reshape(rows, plane.line_size)
        planes.append(rows_of_bytes)
    matrix, color_range = (0, 0) if _is_rgb(frame) else _colors_of(frame, guise_range)
    return OpenedFrame((format, frame.width, frame.height, matrix, color_range, 0), planes)


def frame_for(frame: av.VideoFrame, scale: int) -> av.VideoFrame:
    """A new frame for the result, with time stamps, and tags that say how its colors are coded."""
    result = type(frame)(frame.width * scale, frame.height * scale, frame.format.name)
    result.pts = frame.pts
    if frame.time_base is not None:
        result.time_base = frame.time_base
    set_colors(result, colors_of(frame))
    if not _is_rgb(frame) and len(frame.planes) > 1:
        matrix, color_range = _colors_of(frame, _GUISES.get(frame.format.name, ("", (), 0))[2])
        high_definition = frame.width >= 1280 or frame.height > 576
        result.colorspace = _COLORSPACE_OF_MATRIX[matrix or (_BT709 if high_definition else _BT601)]
        result.color_range = 2 if color_range == _FULL else 1
    return result
