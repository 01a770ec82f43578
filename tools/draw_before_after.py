#!/usr/bin/env python3
"""Draws the picture at the top of README.md: a photo shrunk, then enlarged by bicubic and by a network, side by side.

usage: tools/draw_before_after.py [--tool build/bin/slimscale] [--out docs/before_after.jpg]

Of samples/koalas.png, shrunk to half by `slimscale evaluate`. Needs Pillow (pip install pillow).
"""
import argparse
import subprocess
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ROOT = Path(__file__).resolve().parent.parent
MODEL, SCALE = "carn_m_x2", 2
BOX = (180, 66, 392, 226)  # of the photo: two faces
ZOOM = 2
GAP, BAR = 6, 34  # pixels between the two, and of the line of text above them


def pictures(tool, photo):
    """Bicubic's enlargement and the network's."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([tool, "evaluate", photo, "--model", MODEL, "--save", folder], check=True, capture_output=True)
        for kind in ("bicubic", f"{MODEL}_*"):
            found, = Path(folder).glob(f"{photo.stem}_{kind}.png")
            yield Image.open(found).convert("RGB")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tool", type=Path, default=ROOT / "build/bin/slimscale")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/before_after.jpg")
    options = parser.parse_args()
    before, after = pictures(options.tool, ROOT / "samples/koalas.png")
    size = tuple(round((BOX[i + 2] - BOX[i]) * ZOOM) for i in (0, 1))
    sheet = Image.new("RGB", (2 * size[0] + GAP, size[1] + BAR), "white")
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(18)
    for left, label, picture in ((0, f"before: {SCALE}x by bicubic", before), (size[0] + GAP, f"after: {SCALE}x by slimscale", after)):
        sheet.paste(picture.crop(BOX).resize(size, Image.Resampling.BICUBIC), (left, BAR))
        draw.text((left + 2, 6), label, fill="#1a1e23", font=font)
    sheet.save(options.out, quality=88, optimize=True)
    print(f"{options.out}: {sheet.width}x{sheet.height}, {options.out.stat().st_size // 1000} KB")


if __name__ == "__main__":
    main()
