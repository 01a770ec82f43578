"""Arrays of every type and layout: the same picture gives the same result in all of them."""
import numpy as np
import pytest
from conftest import picture

import slimscale
from slimscale import _arrays

TYPES = ["uint8", "uint16", "float16", "float32"]


def of_type(shares, dtype):
    if np.dtype(dtype).kind == "f":
        return shares.astype(dtype)
    return np.rint(shares * np.iinfo(dtype).max).astype(dtype)


def in_levels(array):
    """The values on the scale 0..255."""
    array = array.astype(np.float64) if array.dtype.kind == "f" else array / np.iinfo(array.dtype).max
    return np.clip(array, 0, 1) * 255


@pytest.mark.parametrize("dtype", TYPES)
def test_every_type_gives_the_same_picture(upscaler, dtype):
    small = picture(dtype=np.uint8)
    shares = small / np.float32(255)
    large = upscaler.upscale(of_type(shares, dtype))
    assert large.dtype == dtype and large.shape == (38, 52, 3)
    reference = in_levels(upscaler.upscale(shares))
    assert np.abs(in_levels(large) - reference).max() < {"uint8": 0.51, "uint16": 0.02, "float16": 0.2, "float32": 1e-4}[dtype]


def test_white_is_white_and_large_values_are_kept(upscaler):
    """If an argument were converted, 40000 would become 64 and 0.75 would become 0."""
    for dtype, value in [("uint16", 40000), ("float32", 0.75), ("float16", 0.75)]:
        flat = np.full((16, 16, 3), value, dtype)
        middle = upscaler.upscale(flat)[12:20, 12:20]
        assert np.abs(in_levels(middle) - in_levels(flat)[0, 0]).max() < 4


def test_floats_are_not_clamped(upscaler):
    edge = np.zeros((12, 12, 3), np.float32)
    edge[:, 6:] = 1
    large = upscaler.upscale(edge)
    assert large.max() > 1 or large.min() < 0


@pytest.mark.parametrize("dtype", TYPES)
def test_layouts_without_a_copy(upscaler, dtype):
    small = picture(dtype=dtype)
    expected = upscaler.upscale(small)
    wide = np.zeros((40, 60, 3), dtype)
    wide[5:24, 7:33] = small
    views = {
        "crop": wide[5:24, 7:33],
        "upside down and back": np.ascontiguousarray(small[::-1])[::-1],
        "planes": np.ascontiguousarray(small.transpose(2, 0, 1)).transpose(1, 2, 0),
        "every second row": np.repeat(small, 2, axis=0)[::2],
    }
    if dtype == "uint8":
        views["BGR, turned"] = np.ascontiguousarray(small[:, :, ::-1])[:, :, ::-1]
    for name, view in views.items():
        assert not _arrays.view_of(view, 3, "rgb").copied, name
        np.testing.assert_array_equal(upscaler.upscale(view), expected, err_msg=name)


@pytest.mark.parametrize("dtype", TYPES)
def test_layouts_that_are_copied(upscaler, dtype):
    small = picture(dtype=dtype)
    expected = upscaler.upscale(small)
    views = {
        "every second column": np.repeat(small, 2, axis=1)[:, ::2],
        "mirrored twice": np.ascontiguousarray(small[:, ::-1])[:, ::-1],
        "foreign byte order": small.astype(small.dtype.newbyteorder()),
        "columns first": np.asfortranarray(small).transpose(1, 0, 2).copy().transpose(1, 0, 2),
    }
    for name, view in views.items():
        if name == "foreign byte order" and dtype == "uint8":
            continue
        assert _arrays.view_of(view, 3, "rgb").copied, name
        result = upscaler.upscale(view)
        assert result.dtype == dtype and result.dtype.isnative
        np.testing.assert_array_equal(result, expected, err_msg=name)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("channels", [3, 4])
def test_blue_first(upscaler, dtype, channels):
    small = picture(channels=channels, dtype=dtype)
    turned = [2, 1, 0, 3][:channels]
    result = upscaler.upscale(np.ascontiguousarray(small[:, :, turned]), order="bgr")
    np.testing.assert_array_equal(result[:, :, turned], upscaler.upscale(small))


def test_planes_first(upscaler):
    small = picture(dtype=np.float32)
    planes = np.ascontiguousarray(small.transpose(2, 0, 1))
    large = upscaler.upscale(planes, layout="chw")
    assert large.shape == (3, 38, 52) and large.flags.c_contiguous
    np.testing.assert_array_equal(large.transpose(1, 2, 0), upscaler.upscale(small))
    out = np.empty((3, 38, 52), np.float32)
    assert upscaler.upscale(planes, layout="chw", out=out) is out
    np.testing.assert_array_equal(out, large)


@pytest.mark.parametrize("dtype", TYPES)
def test_gray_comes_back_as_gray(upscaler, dtype):
    gray = picture(channels=1, dtype=dtype)[:, :, 0]
    large = upscaler.upscale(gray)
    assert large.shape == (38, 52) and large.dtype == dtype
    np.testing.assert_array_equal(upscaler.upscale(gray[:, :, np.newaxis])[:, :, 0], large)
    color = upscaler.upscale(np.repeat(gray[:, :, np.newaxis], 3, axis=2))
    white = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    luma = color.astype(np.float64) @ [0.299, 0.587, 0.114]
    assert np.abs(large - luma).max() * 255 / white < {"uint8": 0.52, "uint16": 0.01, "float16": 0.2, "float32": 1e-3}[dtype]


@pytest.mark.parametrize("dtype", TYPES)
def test_luma_of_gray_is_gray(dtype):
    ramp = np.linspace(0, 1, 256)
    gray = ramp.astype(dtype) if np.dtype(dtype).kind == "f" else np.rint(ramp * np.iinfo(dtype).max).astype(dtype)
    gray = gray[np.newaxis]
    luma = _arrays.luma_of(np.stack([gray] * 3))
    assert np.abs(in_levels(luma) - in_levels(gray)).max() < (1e-4 if dtype != "float16" else 0.2)


@pytest.mark.parametrize("dtype", TYPES)
def test_alpha(upscaler, dtype):
    small = picture(channels=4, dtype=dtype)
    white = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    small[:, :, 3] = white
    large = upscaler.upscale(small)
    np.testing.assert_array_equal(large[:, :, :3], upscaler.upscale(np.ascontiguousarray(small[:, :, :3])))
    assert (large[:, :, 3] == white).all()


@pytest.mark.parametrize("dtype", TYPES)
def test_hidden_colors_do_not_show(upscaler, dtype):
    """The left half is invisible; whether black or white is stored there, the visible half is the same."""
    small = picture(channels=4, dtype=dtype)
    white = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    small[:, :, 3] = white
    small[:, :13, 3] = 0
    results = []
    for hidden in (0, white):
        small[:, :13, :3] = hidden
        kept = small.copy()
        results.append(upscaler.upscale(small))
        np.testing.assert_array_equal(small, kept)
    np.testing.assert_array_equal(results[0], results[1])


def test_out_is_written_where_it_lies(upscaler):
    small = picture()
    expected = upscaler.upscale(small)
    frame = np.full((50, 70, 3), 7, np.uint8)
    crop = frame[3:41, 9:61]
    assert upscaler.upscale(small, out=crop) is crop
    np.testing.assert_array_equal(frame[3:41, 9:61], expected)
    frame[3:41, 9:61] = 7
    assert (frame == 7).all()


@pytest.mark.parametrize("order", ["rgb", "bgr"])
@pytest.mark.parametrize("dtype", TYPES)
def test_out_with_gaps(upscaler, dtype, order):
    small = picture(dtype=dtype)
    expected = upscaler.upscale(small, order=order)
    frame = np.full((38, 104, 3), 7, dtype)
    upscaler.upscale(small, out=frame[:, ::2], order=order)
    np.testing.assert_array_equal(frame[:, ::2], expected)
    assert (frame[:, 1::2] == 7).all()


def test_out_is_refused(upscaler):
    small = picture()
    shared = np.zeros((38, 52, 3), np.uint8)
    locked = np.zeros((38, 52, 3), np.uint8)
    locked.flags.writeable = False
    for out, word in [
        (np.zeros((38, 52, 3), np.uint16), "uint8"),
        (np.zeros((38, 50, 3), np.uint8), "shape"),
        (locked, "read-only"),
        ([], "list"),
    ]:
        with pytest.raises(slimscale.InvalidArgument, match=word):
            upscaler.upscale(small, out=out)
    with pytest.raises(slimscale.InvalidArgument, match="overlaps"):
        upscaler.upscale(shared[:19, :26], out=shared)


def test_read_only_input(upscaler):
    small = picture()
    expected = upscaler.upscale(small)
    small.flags.writeable = False
    np.testing.assert_array_equal(upscaler.upscale(small), expected)


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 3)])
@pytest.mark.parametrize("dtype", TYPES)
def test_thin_pictures(upscaler, size, dtype):
    for channels in (1, 3, 4):
        small = picture(*size, channels, dtype)
        assert upscaler.upscale(small).shape == (size[0] * 2, size[1] * 2, channels)
        planes = np.ascontiguousarray(small.transpose(2, 0, 1))
        np.testing.assert_array_equal(upscaler.upscale(planes, layout="chw").transpose(1, 2, 0), upscaler.upscale(small))


@pytest.mark.parametrize(
    ("array", "word"),
    [
        (np.zeros((4, 4, 3)), "float64"),
        (np.zeros((4, 4, 3), np.int32), "int32"),
        (np.zeros((4, 4, 3), bool), "bool"),
        (np.zeros((4, 4, 2), np.uint8), "shape"),
        (np.zeros((3, 8, 8), np.uint8), "chw"),
        (np.zeros((1, 4, 4, 3), np.uint8), "shape"),
        (np.zeros((0, 4, 3), np.uint8), "no pixels"),
        ([[1, 2], [3, 4]], "list"),
    ],
)
def test_what_is_refused(upscaler, array, word):
    with pytest.raises(slimscale.InvalidArgument, match=word) as error:
        upscaler.upscale(array)
    assert error.value.status == slimscale.Status.INVALID_ARGUMENT
    assert isinstance(error.value, ValueError)


class Lent:
    """An array of another library, which has nothing but DLPack."""

    def __init__(self, array, device=None):
        self.array, self.device = array, device

    def __dlpack__(self, **options):
        if self.device:
            raise BufferError("it lies elsewhere")
        return self.array.__dlpack__(**options)

    def __dlpack_device__(self):
        return self.device or self.array.__dlpack_device__()


def test_dlpack(upscaler):
    small = picture()
    array = _arrays.to_numpy(Lent(small))
    assert np.shares_memory(array, small)
    large = upscaler.upscale(Lent(small))
    np.testing.assert_array_equal(large, upscaler.upscale(small))
    np.testing.assert_array_equal(np.from_dlpack(large), large)


@pytest.mark.parametrize(
    ("kind", "words"),
    [(2, "CUDA GPU.*cpu()"), (4, "OpenCL"), (7, "Vulkan"), (8, "Metal"), (10, "ROCm"), (14, "Intel"), (12, "kind 12")],
)
def test_arrays_of_devices_are_refused(upscaler, kind, words):
    """Nothing of the array is asked for: __dlpack__ of a device might copy, wait or fail in its own words."""
    with pytest.raises(slimscale.InvalidArgument, match=words):
        upscaler.upscale(Lent(picture(), (kind, 0)))
    with pytest.raises(slimscale.InvalidArgument, match="the Lent lies"):
        upscaler.upscale_yuv(Lent(picture(), (kind, 0)))
    with pytest.raises(slimscale.InvalidArgument, match="the Lent lies"):
        list(upscaler.upscale_rows([Lent(picture(), (kind, 0))], 19))


def test_an_array_that_is_not_lent_is_an_error(upscaler):
    with pytest.raises(slimscale.InvalidArgument, match="memory"):
        upscaler.upscale(Lent(picture(), (1, 0)))


def test_torch(upscaler):
    torch = pytest.importorskip("torch")
    small = picture(dtype=np.float32)
    tensor = torch.from_numpy(small.copy()).requires_grad_()
    large = upscaler.upscale(tensor)
    assert isinstance(large, torch.Tensor)
    expected = upscaler.upscale(small)
    np.testing.assert_array_equal(large.numpy(), expected)
    planes = upscaler.upscale(torch.from_numpy(small).permute(2, 0, 1), layout="chw")
    assert planes.shape == (3, 38, 52)
    np.testing.assert_array_equal(planes.permute(1, 2, 0).numpy(), expected)
    half = upscaler.upscale(torch.from_numpy(small).to(torch.bfloat16))
    assert half.dtype is torch.bfloat16
    assert np.abs(half.float().numpy() - expected).max() < 0.03
