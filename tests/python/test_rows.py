"""Images in bands of rows: the bytes of whole images, in every type and layout."""
import numpy as np
import pytest
from conftest import picture

import slimscale


def bands(array, rows):
    return (array[y : y + rows] for y in range(0, len(array), rows))


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "float16", "float32"])
@pytest.mark.parametrize("channels", [0, 1, 3, 4])
def test_rows_are_the_whole_image(upscaler, dtype, channels):
    small = picture(75, 26, max(channels, 1), dtype)
    if channels == 4:
        small[..., 3] = np.maximum(small[..., 3], small[..., 3].max() / 2)  # nothing hidden
    if channels == 0:
        small = small[:, :, 0]
    whole = upscaler.upscale(small)
    for rows in (1, 16, 31, 75):
        result = list(upscaler.upscale_rows(bands(small, rows), len(small)))
        assert all(band.dtype == dtype and band.shape[1:] == whole.shape[1:] for band in result)
        np.testing.assert_array_equal(np.concatenate(result), whole)
    assert upscaler.last_report.channels == 16 and upscaler.last_report.actual_ms > 0


@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
def test_layouts(upscaler, dtype):
    small = picture(40, 26, 3, dtype)
    whole = upscaler.upscale(small)
    turned = np.concatenate(list(upscaler.upscale_rows(bands(small[:, :, ::-1], 9), 40, order="bgr")))
    np.testing.assert_array_equal(turned, whole[:, :, ::-1])
    copied = np.concatenate(list(upscaler.upscale_rows(bands(small[:, :, ::-1].copy(), 9), 40, order="bgr")))
    np.testing.assert_array_equal(copied, whole[:, :, ::-1])
    planes = np.ascontiguousarray(small.transpose(2, 0, 1)).transpose(1, 2, 0)
    np.testing.assert_array_equal(np.concatenate(list(upscaler.upscale_rows(bands(planes, 9), 40))), whole)


def test_results_come_before_the_image_is_complete():
    upscaler = slimscale.Upscaler("edsr_small_x2", channels=16)
    small = picture(400, 640)  # small pictures are one band
    seen = []

    def source():
        for y in range(0, 400, 8):
            seen.append(y)
            yield small[y : y + 8]

    first = next(rows := upscaler.upscale_rows(source(), 400))
    assert len(first) > 0 and seen[-1] < 100
    with pytest.raises(slimscale.Busy):
        upscaler.upscale(small)
    rows.close()
    assert upscaler.upscale(small).shape == (800, 1280, 3)


@pytest.mark.parametrize(
    ("source", "height", "options", "word"),
    [
        ([], 4, {}, "0 rows"),
        ([picture(4, 8)], 5, {}, "4 rows"),
        ([picture(4, 8), picture(2, 8)], 5, {}, "more rows"),
        ([picture(4, 8), picture(4, 9)], 8, {}, "follow"),
        ([picture(4, 8), picture(4, 8, dtype="uint16")], 8, {}, "follow"),
        ([picture(4, 8), picture(4, 8, 4)], 8, {}, "follow"),
        ([picture(4, 8).astype(np.int32)], 4, {}, "int32"),
        ([picture(4, 8)], 0, {}, "height"),
        ([picture(4, 8)], 4, {"order": "gbr"}, "order"),
        ([picture(4, 8)], 4, {"channels": 17}, "17"),
    ],
)
def test_errors_leave_the_upscaler_free(upscaler, source, height, options, word):
    with pytest.raises(slimscale.Error, match=word):
        list(upscaler.upscale_rows(iter(source), height, **options))
    upscaler.upscale(picture(4, 8))
