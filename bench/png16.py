"""RGB PNG files of 16 bits a sample, with the standard library and numpy only."""
import struct
import zlib

import numpy as np

SIGNATURE = b"\x89PNG\r\n\x1a\n"
PIXEL_BYTES = 6
BITS, RGB = 16, 2  # as in IHDR


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write(path, image):
    """image: (y, x, 3) of uint16."""
    height, width, _ = image.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in image)
    header = struct.pack(">IIBBBBB", width, height, BITS, RGB, 0, 0, 0)
    path.write_bytes(SIGNATURE + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


def chunks(file):
    at = len(SIGNATURE)
    while at < len(file):
        (size,) = struct.unpack_from(">I", file, at)
        yield file[at + 4 : at + 8], file[at + 8 : at + 8 + size]
        at += size + 12


def read(path):
    """(y, x, 3) of uint16."""
    file = path.read_bytes()
    parts = list(chunks(file))
    width, height, bits, kind, _, _, interlaced = struct.unpack(">IIBBBBB", dict(parts)[b"IHDR"])
    if (bits, kind, interlaced) != (BITS, RGB, 0):
        raise ValueError(f"{path} is no plain RGB PNG of 16 bits")
    lines = np.frombuffer(zlib.decompress(b"".join(data for name, data in parts if name == b"IDAT")), np.uint8)
    lines = lines.reshape(height, 1 + PIXEL_BYTES * width)
    above = np.zeros(PIXEL_BYTES * width, np.uint8)
    rows = [above := unfiltered(line[0], line[1:], above) for line in lines]
    return np.stack(rows).view(">u2").astype(np.uint16).reshape(height, width, 3)


def unfiltered(kind, line, above):
    """One row of bytes. Filters 1, 3 and 4 need the pixel to the left, so they go pixel by pixel."""
    if kind in (0, 2):
        return line + (above if kind == 2 else 0)
    row = np.zeros(len(line) + PIXEL_BYTES, np.int32)
    up = np.concatenate([np.zeros(PIXEL_BYTES, np.int32), above])
    for x in range(PIXEL_BYTES, len(row), PIXEL_BYTES):
        here, before = slice(x, x + PIXEL_BYTES), slice(x - PIXEL_BYTES, x)
        row[here] = (line[x - PIXEL_BYTES : x] + predicted(kind, row[before], up[here], up[before])) & 255
    return row[PIXEL_BYTES:].astype(np.uint8)


def predicted(kind, left, up, up_left):
    if kind == 1:
        return left
    if kind == 3:
        return (left + up) // 2
    to_left, to_up, to_up_left = abs(up - up_left), abs(left - up_left), abs(left + up - 2 * up_left)
    paeth = np.where(to_up <= to_up_left, up, up_left)
    return np.where((to_left <= to_up) & (to_left <= to_up_left), left, paeth)
