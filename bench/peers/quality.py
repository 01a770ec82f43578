"""How far outputs are from what they should be."""
import numpy as np

LUMA = np.array([65.481, 128.553, 24.966]) / 255  # BT.601, as in extras/quality


def decibels(ratio):
    return round(10 * float(np.log10(ratio)), 4) + 0.0  # no -0.0


def errors(outputs, expected, original, border=0):
    """Of outputs (n, colors, y, x) on the 0..255 scale, without `border` pixels at each side: how far they are from
    `expected`, the result in double precision, and how much PSNR they lose by it against `original` (None: unknown)."""
    def inside(planes):
        return planes[..., border : planes.shape[-2] - border, border : planes.shape[-1] - border]

    def mean_square(planes):
        return max(float(np.mean(np.square(inside(planes)))), 1e-30)

    off = outputs.astype(np.float64) - expected
    found = {"max_abs_diff": float(np.abs(inside(off)).max()), "mean_abs_diff": float(np.abs(inside(off)).mean()),
             "psnr_db": decibels(255**2 / mean_square(off)), "psnr_loss_db": None}
    if original is not None:
        found["psnr_loss_db"] = decibels(mean_square(luma(outputs) - luma(original))
                                         / mean_square(luma(expected) - luma(original)))
    return found


def luma(planes):
    """Of values that were rounded to 8 bits, as `slimscale evaluate` compares them."""
    pixels = np.clip(np.round(planes), 0, 255)
    return np.tensordot(pixels, LUMA, ([1], [0])) if pixels.shape[1] == len(LUMA) else pixels
