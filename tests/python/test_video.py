"""Frames as planes, in one array, and of PyAV."""
import numpy as np
import pytest
from conftest import picture

import slimscale


def yuv_planes(height, width, sub_x, sub_y):
    size = (-(-height // sub_y), -(-width // sub_x))
    planes = [picture(height, width, 1), picture(*size, 1), 255 - picture(*size, 1)]
    return [np.ascontiguousarray(plane[:, :, 0]) // 2 + 60 for plane in planes]


def test_nv12_array_is_its_planes(upscaler):
    y, u, v = yuv_planes(18, 26, 2, 2)
    uv = np.stack([u, v], -1).reshape(9, 26)
    array = np.concatenate([y, uv])
    large = upscaler.upscale_yuv(array)
    assert large.shape == (54, 52) and large.dtype == np.uint8
    planes = upscaler.upscale_planes([y, uv], "nv12", 26, 18)
    np.testing.assert_array_equal(large[:36], planes[0])
    np.testing.assert_array_equal(large[36:], planes[1])
    wide = np.zeros((27, 40), np.uint8)
    wide[:, 3:29] = array
    np.testing.assert_array_equal(upscaler.upscale_yuv(wide[:, 3:29]), large)
    swapped = np.concatenate([y, np.stack([v, u], -1).reshape(9, 26)])
    turned = upscaler.upscale_yuv(swapped, "nv21")
    np.testing.assert_array_equal(turned[:36], large[:36])
    np.testing.assert_array_equal(turned[36:].reshape(18, 26, 2)[:, :, ::-1], large[36:].reshape(18, 26, 2))


def test_three_planes_agree_with_two(upscaler):
    y, u, v = yuv_planes(18, 26, 2, 2)
    nv12 = upscaler.upscale_yuv(np.concatenate([y, np.stack([u, v], -1).reshape(9, 26)]))
    i420 = np.concatenate([y.ravel(), u.ravel(), v.ravel()]).reshape(27, 26)
    for name in ("i420", "yuv420p"):
        large = upscaler.upscale_yuv(i420, name)
        np.testing.assert_array_equal(large[:36], nv12[:36])
        np.testing.assert_array_equal(large[36:].ravel()[: 18 * 26], nv12[36:].reshape(18, 26, 2)[:, :, 0].ravel())
    apart = np.zeros((27, 40), np.uint8)
    apart[:, :26] = i420
    np.testing.assert_array_equal(upscaler.upscale_yuv(apart[:, :26], "i420"), large)


def test_p010_is_nv12_with_more_bits(upscaler):
    y, u, v = yuv_planes(18, 26, 2, 2)
    array = np.concatenate([y, np.stack([u, v], -1).reshape(9, 26)])
    deep = upscaler.upscale_yuv(array.astype(np.uint16) << 8, "p010")
    assert deep.dtype == np.uint16 and not (deep & 63).any()
    assert np.abs(deep / 256 - upscaler.upscale_yuv(array)).max() <= 0.75


def test_odd_sizes_as_planes(upscaler):
    y, u, v = yuv_planes(17, 25, 2, 2)
    planes = upscaler.upscale_planes([y, u, v], "i420", 25, 17)
    assert [plane.shape for plane in planes] == [(34, 50), (17, 25), (17, 25)]
    rgb = upscaler.upscale_planes([y, u, v], "i420", 25, 17, output_format="rgb8")
    assert [plane.shape for plane in rgb] == [(34, 150)]


def test_matrix_and_range_are_heeded(upscaler):
    y, u, v = yuv_planes(16, 16, 1, 1)
    results = {
        (matrix, range): upscaler.upscale_planes(
            [y, u, v], "i444", 16, 16, output_format="rgb8", matrix=matrix, range=range
        )[0]
        for matrix in ("bt601", "bt709", "bt2020")
        for range in ("limited", "full")
    }
    default = upscaler.upscale_planes([y, u, v], "i444", 16, 16, output_format="rgb8")[0]
    np.testing.assert_array_equal(default, results["bt601", "limited"])
    assert len({result.tobytes() for result in results.values()}) == 6


@pytest.mark.parametrize(
    ("shape", "dtype", "format", "word"),
    [
        ((26, 26), np.uint8, "nv12", "upscale_planes"),
        ((27, 25), np.uint8, "nv12", "even"),
        ((27, 26), np.uint16, "nv12", "uint8"),
        ((27, 26), np.uint8, "p010", "uint16"),
        ((27, 26), np.uint8, "i444", "4:2:0"),
        ((27, 26), np.uint8, "nv99", "nv99"),
    ],
)
def test_what_is_refused(upscaler, shape, dtype, format, word):
    with pytest.raises(slimscale.InvalidArgument, match=word):
        upscaler.upscale_yuv(np.zeros(shape, dtype), format)


def test_planes_that_are_too_small(upscaler):
    with pytest.raises(slimscale.InvalidArgument, match="plane 1 of the input is smaller than 9 rows of 26"):
        upscaler.upscale_planes([np.zeros((18, 26), np.uint8), np.zeros((8, 26), np.uint8)], "nv12", 26, 18)
    with pytest.raises(slimscale.InvalidArgument, match="2 planes"):
        upscaler.upscale_planes([np.zeros((18, 26), np.uint8)], "nv12", 26, 18)
    with pytest.raises(slimscale.InvalidArgument, match="gaps"):
        upscaler.upscale_planes([np.zeros((18, 52), np.uint8)[:, ::2], np.zeros((9, 26), np.uint8)], "nv12", 26, 18)


# ---- PyAV ------------------------------------------------------------------------------------------------------------

FORMATS = ["nv12", "yuv420p", "yuv422p", "yuv444p", "yuvj420p", "yuv420p10le", "p010le", "rgb24", "bgr24", "rgba", "gbrp"]


def frame_of(av, name, width=26, height=18):
    frame = av.VideoFrame.from_ndarray(picture(height, width), format="rgb24").reformat(format=name)
    frame.pts = 7
    return frame


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("size", [(26, 18), (25, 17)])
def test_frames(upscaler, name, size):
    av = pytest.importorskip("av")
    width, height = size
    frame = frame_of(av, name, width, height)
    frame.time_base = __import__("fractions").Fraction(1, 25)
    large = upscaler.upscale_frame(frame)
    assert (large.width, large.height, large.format.name) == (2 * width, 2 * height, name)
    assert large.pts == 7 and large.time_base == frame.time_base
    # Upscales the same planes by upscale_planes.
    planes, shapes = [], []
    for plane in frame.planes:
        rows = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
        planes.append(rows)
        shapes.append((plane.height, plane.line_size))
    library_name = {"yuvj420p": "i420", "gbrp": "planar_8"}.get(name, name)
    if name == "gbrp":
        planes = [planes[i] for i in (2, 0, 1)]
    if library_name.startswith(("yuv", "i", "p0")):
        types = {"yuv420p10le": np.uint16, "p010le": np.uint16}
        planes = [plane.view(types.get(name, np.uint8)) for plane in planes]
    options = {"range": "full"} if name == "yuvj420p" else {}
    expected = upscaler.upscale_planes(planes, library_name, width, height, **options)
    order = (2, 0, 1) if name == "gbrp" else range(len(expected))
    for index, plane in zip(order, expected):
        got = large.planes[index]
        rows = np.frombuffer(got, np.uint8)[: plane.shape[0] * got.line_size].reshape(plane.shape[0], got.line_size)
        np.testing.assert_array_equal(rows[:, : plane.nbytes // plane.shape[0]], plane.view(np.uint8).reshape(plane.shape[0], -1))


def test_the_result_says_how_its_colors_are_coded(upscaler):
    """A small frame is taken for BT.601, and its result says so: a player would take a large one for BT.709."""
    av = pytest.importorskip("av")
    from av.video.reformatter import ColorRange, Colorspace

    frame = av.VideoFrame(26, 18, "yuv420p")
    for plane in frame.planes:
        np.frombuffer(plane, np.uint8)[:] = 128
    large = upscaler.upscale_frame(frame)
    assert (int(large.colorspace), int(large.color_range)) == (5, 1)
    frame.colorspace, frame.color_range = Colorspace.ITU709, ColorRange.JPEG
    large = upscaler.upscale_frame(frame)
    assert (int(large.colorspace), int(large.color_range)) == (1, 2)
    frame.colorspace = Colorspace.SMPTE240M
    with pytest.raises(slimscale.InvalidArgument, match="colorspace 7"):
        upscaler.upscale_frame(frame)


def test_a_clip_through_pyav(upscaler, tmp_path):
    av = pytest.importorskip("av")
    small, large = tmp_path / "small.mkv", tmp_path / "large.mkv"
    with av.open(str(small), "w") as container:
        stream = container.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = 32, 24, "yuv420p"
        for index in range(5):
            frame = av.VideoFrame.from_ndarray(np.roll(picture(24, 32), index, axis=1), format="rgb24")
            for packet in stream.encode(frame.reformat(format="yuv420p")):
                container.mux(packet)
        for packet in stream.encode():
            container.mux(packet)
    with av.open(str(small)) as source, av.open(str(large), "w") as sink:
        video = source.streams.video[0]
        stream = sink.add_stream("ffv1", rate=video.average_rate)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for frame in source.decode(video):
            for packet in stream.encode(upscaler.upscale_frame(frame)):
                sink.mux(packet)
        for packet in stream.encode():
            sink.mux(packet)
    with av.open(str(large)) as container:
        frames = list(container.decode(video=0))
    assert len(frames) == 5 and (frames[0].width, frames[0].height) == (64, 48)
