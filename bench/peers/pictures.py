"""The photographs that engines are calibrated on, and those that they are timed and judged on, as float planes 0..1."""
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
CALIBRATION = ROOT / "samples" / "train"  # what the files of weights/zoo are calibrated on as well
HELD_OUT = ROOT / "samples" / "koalas.png"


def files(path):
    found = sorted(path.glob("*.png")) if path.is_dir() else [path]
    if not found:
        raise RuntimeError(f"{path} holds no .png")
    return found


def opened(path):
    from PIL import Image

    return Image.open(path).convert("RGB")


def planes(image, colors):
    pixels = np.asarray(image.convert("RGB" if colors == 3 else "L"), np.float32) / 255
    return np.moveaxis(pixels.reshape(*pixels.shape[:2], colors), 2, 0)


def shrunk(image, scale):
    from PIL import Image

    return image.resize((image.width // scale, image.height // scale), Image.Resampling.BICUBIC)


def cut(picture, height, width):
    """(colors, y, x) continued as its mirror image up to whole pieces: (n, colors, height, width)."""
    c, y, x = picture.shape
    rows, columns = -(-y // height), -(-x // width)
    whole = np.pad(picture, ((0, 0), (0, rows * height - y), (0, columns * width - x)), mode="symmetric")
    pieces = whole.reshape(c, rows, height, columns, width).transpose(1, 3, 0, 2, 4)
    return np.ascontiguousarray(pieces.reshape(rows * columns, c, height, width))


def calibration(colors, scale, side=128):
    """Each photograph as it is and shrunk by the scale, as `slimscale quantize` has them, in square pieces."""
    return np.concatenate([cut(planes(each, colors), side, side) for path in files(CALIBRATION)
                           for image in [opened(path)] for each in (image, shrunk(image, scale))])


def held_out(path, colors, scale, height, width):
    """(low, original), pieces of the same places: what engines are given, and what it was shrunk from. `path` is an
    image or a folder; a folder's images are taken in pieces one after the other."""
    low, original = [], []
    for file in files(path):
        image = opened(file)
        small = shrunk(image, scale)
        large = image.crop((0, 0, small.width * scale, small.height * scale))
        low.append(cut(planes(small, colors), height, width))
        original.append(cut(planes(large, colors), scale * height, scale * width))
    return np.concatenate(low), np.concatenate(original)
