"""A network of luma with gray, color and YUV. The package under test has one in test_python_luma alone."""
import numpy as np
import pytest
from conftest import picture

import slimscale

NAMES = [model.name for model in slimscale.models() if model.colors == 1 and model.scale == 2]
pytestmark = pytest.mark.skipif(not NAMES, reason="no network of luma is compiled into this package")


@pytest.fixture(scope="module")
def luma():
    return slimscale.Upscaler(NAMES[0], allow_untrained=True, target="avx2")


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
def test_gray(luma, dtype):
    gray = picture(19, 26, 1, dtype)
    large = luma.upscale(gray)
    assert large.shape == (38, 52, 1) and large.dtype == dtype
    np.testing.assert_array_equal(luma.upscale(gray[:, :, 0]), large[:, :, 0])
    np.testing.assert_array_equal(np.concatenate(list(luma.upscale_rows([gray[:7], gray[7:]], 19))), large)


def y_of(rgb):
    """Luma as networks of luma are trained with it: BT.601 in limited range, as MATLAB's rgb2ycbcr."""
    return (rgb @ np.array([65.481, 128.553, 24.966], np.float32) + 16) / 255


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float32"])
def test_color(luma, dtype):
    """Luma of the result is the network's of the input's luma, and gray stays gray."""
    white = 1 if dtype == "float32" else np.iinfo(dtype).max
    color = (picture(19, 26, 3, np.float32) * 0.6 + 0.2).astype(np.float32)
    if dtype != "float32":
        color = np.rint(color * white).astype(dtype)
    large = luma.upscale(color)
    shares = large.astype(np.float32) / np.float32(white)
    inside = np.all((shares > 0) & (shares < 1), -1)
    assert inside.mean() > 0.3
    expected = luma.upscale(y_of(color.astype(np.float32) / np.float32(white)).astype(np.float32))
    limit = {"uint8": 0.6, "uint16": 0.01, "float32": 0.01}[dtype]
    assert (np.abs(y_of(shares) - expected)[inside] * 255).max() < limit
    np.testing.assert_array_equal(luma.upscale(color[:, :, ::-1], order="bgr")[:, :, ::-1], large)
    clear = np.concatenate([color, np.full((19, 26, 1), white, dtype)], -1)
    assert np.abs(luma.upscale(clear)[:, :, :3].astype(float) - large).max() < 1e-5 * white
    gray = luma.upscale(np.repeat(color[:, :, :1], 3, 2)).astype(float)
    assert np.ptp(gray, axis=2).max() <= 1e-4 * white
    np.testing.assert_array_equal(np.concatenate(list(luma.upscale_rows([color[:8], color[8:]], 19))), large)


def test_yuv(luma):
    """The network sees Y alone, whatever the chroma is."""
    y = picture(18, 26, 1)[:, :, 0] // 2 + 40
    flat = np.full((9, 26), 128, np.uint8)
    large = luma.upscale_yuv(np.concatenate([y, flat]), range="full")
    assert large.shape == (54, 52)
    np.testing.assert_array_equal(large[:36], luma.upscale(y))
    assert (large[36:] == 128).all()
    other = np.concatenate([y, picture(9, 26, 1)[:, :, 0]])
    np.testing.assert_array_equal(luma.upscale_yuv(other, range="full")[:36], large[:36])
    np.testing.assert_array_equal(luma.upscale_yuv(np.concatenate([y, flat]))[:36], large[:36])  # codes, in any range
    planes = luma.upscale_planes([y, other[18:]], "nv12", 26, 18, output_format="rgb8")
    assert [plane.shape for plane in planes] == [(36, 156)]


def test_frames_of_pyav(luma):
    av = pytest.importorskip("av")
    for format in ("gray", "yuv420p", "rgb24"):
        frame = av.VideoFrame(26, 18, format)
        for plane in frame.planes:
            plane.update(bytes([120]) * plane.buffer_size)
        large = luma.upscale_frame(frame)
        assert (large.width, large.height, large.format.name) == (52, 36, format)
