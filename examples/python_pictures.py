#!/usr/bin/env python3
"""Looks at one photo at every channel count, step by step like a notebook, and writes what it sees as pictures.

usage: examples/python_pictures.py [PHOTO [FOLDER]] [--model NAME] [--quick]

    channels.png     a detail of the photo: original, bicubic, and the network at each channel count, with PSNR and time
    difference.png   where 16 and 64 channels differ
    layouts.png      the same result from five memory layouts, no copy among them

Needs the wheel (`make wheel`) and Pillow: pip install build/wheels/slimscale-*.whl pillow
"""
import argparse
import time
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

import slimscale

ROOT = Path(__file__).resolve().parent.parent


def psnr(a, b):
    error = np.mean((a.astype(np.float64) - b) ** 2)
    return 10 * np.log10(255**2 / error)


def row_of(pictures, side):
    """Pictures with captions, beside each other."""
    sheet = Image.new("RGB", (len(pictures) * (side + 8) - 8, side + 34), "white")
    draw = ImageDraw.Draw(sheet)
    for index, (caption, picture) in enumerate(pictures):
        left = index * (side + 8)
        sheet.paste(Image.fromarray(picture).resize((side, side), Image.Resampling.NEAREST), (left, 34))
        draw.multiline_text((left + 2, 2), caption, fill="black")
    return sheet


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("photo", nargs="?", type=Path, default=ROOT / "samples" / "koalas.png")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("python_pictures"))
    parser.add_argument("--model", default="edsr_small_x2", help="one of slimscale.models()")
    parser.add_argument("--quick", action="store_true", help="time one frame of each, not the median of five")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)

    # 1. A model is a file of several networks. All that are trained are opened.
    upscaler = slimscale.Upscaler(arguments.model)
    print(upscaler)

    # 2. The photo, and a small version of it to be upscaled.
    scale = upscaler.scale
    photo = Image.open(arguments.photo).convert("RGB")
    photo = photo.crop((0, 0, photo.width // scale * scale, photo.height // scale * scale))
    original = np.asarray(photo)
    small_picture = photo.resize((photo.width // scale, photo.height // scale), Image.Resampling.BICUBIC)
    small = np.asarray(small_picture)
    bicubic = np.asarray(small_picture.resize(photo.size, Image.Resampling.BICUBIC))

    # 3. The same frame at each channel count.
    results = {}
    times = {}
    for channels in upscaler.channels:
        results[channels] = upscaler.upscale(small, channels=channels)
        runs = []
        for _ in range(1 if arguments.quick else 5):
            started = time.perf_counter()
            upscaler.upscale(small, channels=channels)
            runs.append(1000 * (time.perf_counter() - started))
        times[channels] = sorted(runs)[len(runs) // 2]
        print(f"{channels} channels: {psnr(results[channels], original):.2f} dB, {times[channels]:.1f} ms")
    print(f"bicubic: {psnr(bicubic, original):.2f} dB")

    # 4. A detail: the square of the photo where the largest network gains most over bicubic.
    side = min(64, *original.shape[:2])
    most = max(upscaler.channels)
    gain = np.abs(bicubic.astype(int) - original).sum(2) - np.abs(results[most].astype(int) - original).sum(2)
    tiles = gain[: gain.shape[0] // side * side, : gain.shape[1] // side * side]
    tiles = tiles.reshape(tiles.shape[0] // side, side, -1, side).sum((1, 3))
    top, left = (side * int(i) for i in np.unravel_index(tiles.argmax(), tiles.shape))
    detail = (slice(top, top + side), slice(left, left + side))
    pictures = [("original", original[detail]), (f"bicubic\n{psnr(bicubic, original):.2f} dB", bicubic[detail])]
    for channels, result in results.items():
        caption = f"{channels} channels\n{psnr(result, original):.2f} dB, {times[channels]:.0f} ms"
        pictures.append((caption, np.ascontiguousarray(result[detail])))
    row_of(pictures, 192).save(arguments.folder / "channels.png")

    # 5. What fewer channels cost, eight times as strong as it is.
    fewest = min(upscaler.channels)
    difference = results[fewest].astype(int) - results[most]
    shown = np.clip(128 + 8 * difference, 0, 255).astype(np.uint8)
    Image.fromarray(shown).save(arguments.folder / "difference.png")
    print(f"{fewest} and {most} channels differ by {np.abs(difference).mean():.2f} levels on average")

    # 6. Any layout: these views are read and written where they lie.
    frame = np.zeros((small.shape[0] + 40, small.shape[1] + 40, 3), np.uint8)
    frame[20:-20, 20:-20] = small
    planes = np.ascontiguousarray(small.transpose(2, 0, 1))
    large_frame = np.zeros_like(original)
    views = {
        "crop of a frame": upscaler.upscale(frame[20:-20, 20:-20]),
        "upside down": upscaler.upscale(np.ascontiguousarray(small[::-1])[::-1]),
        "blue first": upscaler.upscale(np.ascontiguousarray(small[:, :, ::-1]), order="bgr")[:, :, ::-1],
        "planes first": upscaler.upscale(planes, layout="chw").transpose(1, 2, 0),
        "into an array": upscaler.upscale(small, out=large_frame),
    }
    for name, result in views.items():
        if not np.array_equal(result, results[most]):
            raise SystemExit(f"{name}: another picture")
    row_of([(name, np.ascontiguousarray(result[detail])) for name, result in views.items()], 192).save(
        arguments.folder / "layouts.png"
    )
    print(f"pictures in {arguments.folder}")


if __name__ == "__main__":
    main()
