"""Arrays as the library's images: the pixel format that an array has in place, and results laid out like it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _core
from ._errors import InvalidArgument

Array = NDArray[Any]

_SUFFIX = {"uint8": "8", "uint16": "16", "float16": "_f16", "float32": "_f32"}
# Kinds of devices by DLPack's numbers. Pinned and managed memory of CUDA is the processor's too.
_HOST_DEVICES = (1, 3, 13)
_DEVICES = {2: "a CUDA GPU", 4: "an OpenCL device", 7: "a Vulkan device", 8: "a Metal GPU", 10: "a ROCm GPU", 14: "an Intel GPU"}
_TYPES = "uint8, uint16, float16 or float32"


@dataclass(frozen=True)
class View:
    """Pixels in place, or a copy if their layout has no format."""

    format: str
    planes: list[Array]  # for the compiled part: rows first, without gaps within a row
    array: Array  # the array that the planes are parts of: the caller's, or the copy
    copied: bool
    turned: bool = False  # the copy has red first, and the caller's array blue


def to_numpy(array: Any) -> Array:
    """The caller's memory as a NumPy array, without a copy, except of bfloat16, which NumPy lacks."""
    if isinstance(array, np.ndarray):
        return array
    if not hasattr(array, "__dlpack__"):
        raise InvalidArgument(
            f"{type(array).__name__} is neither a NumPy array nor one with __dlpack__; pass numpy.asarray(it)"
        )
    if hasattr(array, "__dlpack_device__"):
        kind = int(array.__dlpack_device__()[0])
        if kind not in _HOST_DEVICES:
            raise InvalidArgument(
                f"the {type(array).__name__} lies in the memory of {_DEVICES.get(kind, f'a device of kind {kind}')}, and this "
                "package runs on processors; copy it to the processor first (.cpu() in PyTorch, cupy.asnumpy, jax.device_get)"
            )
    if hasattr(array, "detach"):  # PyTorch refuses to share a tensor that needs gradients
        array = array.detach()
    if str(getattr(array, "dtype", "")) == "torch.bfloat16":
        array = array.float()
    try:
        return np.from_dlpack(array)
    except (BufferError, RuntimeError, TypeError, ValueError) as refused:
        raise InvalidArgument(f"the array cannot be read in this process's memory ({refused}); copy it there first") from refused


def like_input(result: Array, given: Any) -> Any:
    """The result as the kind of array that was given: a PyTorch tensor over its memory, or the NumPy array itself."""
    if isinstance(given, np.ndarray) or type(given).__module__.partition(".")[0] != "torch":
        return result
    import torch

    tensor = torch.from_dlpack(np.ascontiguousarray(result) if result.ndim < 2 else result)
    return tensor.to(given.dtype) if given.dtype is torch.bfloat16 else tensor


def check_pixels(array: Array) -> None:
    """Checks an image's type and its shape, (y, x) or (y, x, 1, 3 or 4)."""
    if array.dtype.name not in _SUFFIX:
        raise InvalidArgument(f"pixels of type {array.dtype.name} are not understood; convert them to {_TYPES}")
    if array.ndim not in (2, 3) or (array.ndim == 3 and array.shape[2] not in (1, 3, 4)):
        raise InvalidArgument(
            f"an image has the shape (y, x), (y, x, 1), (y, x, 3) or (y, x, 4), not {array.shape}"
            + ("; pass layout=\"chw\" for planes first" if array.ndim == 3 and array.shape[0] in (1, 3, 4) else "")
        )
    if 0 in array.shape:
        raise InvalidArgument(f"an image of shape {array.shape} has no pixels")


def _steps(array: Array, *wanted: int) -> bool:
    """Whether the last dimensions advance by so many items. A dimension of one does not advance."""
    item = array.dtype.itemsize
    strides = zip(array.shape[-len(wanted) :], array.strides[-len(wanted) :], wanted)
    return all(size == 1 or stride == step * item for size, stride, step in strides)


def view_of(array: Array, colors: int, order: str) -> View:
    """A view of an array that check_pixels accepts, for a network of `colors` colors. `order` is "rgb" or "bgr"."""
    given = array
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    suffix = _SUFFIX[array.dtype.name]
    planar = "planar" + suffix if suffix[0] == "_" else "planar_" + suffix
    copied = array is not given
    if array.ndim == 2 or array.shape[2] == 1:
        gray = array if array.ndim == 2 else array[:, :, 0]
        if not _steps(gray, 1):
            gray, copied = np.ascontiguousarray(gray), True
            array = gray.reshape(array.shape)
        if colors == 3:
            return View(planar, [gray] * 3, array, copied)
        return View(planar if suffix[0] == "_" else "gray" + suffix, [gray], array, copied)

    count = array.shape[2]
    if count == 3 and _steps(array, 3, -1):  # the colors in opposite order, as by array[..., ::-1]
        array, order = array[:, :, ::-1], "rgb" if order == "bgr" else "bgr"
    if count == 3 and array.shape[1] > 1 and _steps(array[:, :, 0], 1) and colors == 3:  # planes: torch's permute(1, 2, 0)
        planes = [array[:, :, c] for c in (range(3) if order == "rgb" else (2, 1, 0))]
        return View(planar, planes, array, copied)
    turned = order == "bgr" and suffix != "8"
    if turned:
        array = np.ascontiguousarray(array[:, :, [2, 1, 0, 3][:count]])
        order, copied = "rgb", True
    if not _steps(array, count, 1):
        array, copied = np.ascontiguousarray(array), True
    return View(order + ("a" if count == 4 else "") + suffix, [array], array, copied, turned)


def in_given_order(view: View) -> Array:
    """The view's pixels, a copy if it is turned, with the colors in the order of the caller's array."""
    return view.array[:, :, [2, 1, 0, 3][: view.array.shape[2]]] if view.turned else view.array


def write_back(view: View, result: Array) -> None:
    """Copies what was written into the view's copy back into `result`."""
    result[...] = in_given_order(view)


def result_like(array: Array, scale: int, view: View) -> Array:
    """Uninitialised pixels for the result, `scale` times as large, laid out as the input."""
    height, width = array.shape[0] * scale, array.shape[1] * scale
    dtype = array.dtype.newbyteorder("=")
    if array.ndim == 3 and view.format.startswith("planar") and array.shape[2] == 3:
        return np.empty((3, height, width), dtype).transpose(1, 2, 0)
    return np.empty((height, width, *array.shape[2:]), dtype)


def luma_of(rgb: Array) -> Array:
    """ITU-R BT.601 luma of (3, y, x), as the command-line tool rounds it."""
    if rgb.dtype.kind == "f":
        return np.tensordot(np.array([0.299, 0.587, 0.114], np.float32), rgb.astype(np.float32), 1).astype(rgb.dtype)
    luma = rgb[0] * np.uint32(19595)
    luma += rgb[1] * np.uint32(38470)
    luma += rgb[2] * np.uint32(7471)
    luma += np.uint32(32768)
    result: Array = (luma >> 16).astype(rgb.dtype)
    return result


def without_hidden_colors(array: Array) -> Array:
    """A copy of (y, x, 4) in which fully transparent pixels have their neighbors' colors. Any color may be stored there,
    often black, and the network would mix it into the visible edge. If no pixel is fully transparent, it is the array."""
    hidden = array[:, :, 3] == 0
    if not hidden.any():
        return array
    if array.dtype.kind == "f":
        levels = np.rint(np.clip(np.nan_to_num(array), 0, 1) * np.float32(65535)).astype(np.uint16)
        white: float | int = 65535
    else:
        levels = np.array(array, np.uint16, order="C")
        white = 1
    levels[:, :, 3] = ~hidden
    _core.bleed_colors(levels)
    result = np.array(array, order="C")
    spread = levels[:, :, :3][hidden]
    result[:, :, :3][hidden] = spread / np.float32(white) if array.dtype.kind == "f" else spread
    return result
