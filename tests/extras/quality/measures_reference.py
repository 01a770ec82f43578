"""Prints the expected values of measures_test.cpp, by the definitions in numpy, independently of our C++."""
import numpy as np


def cubic(x):
    x = abs(x)
    return np.where(x <= 1, 1.5 * x**3 - 2.5 * x**2 + 1, np.where(x <= 2, -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2, 0))


def matrix(n, m):
    """The matrix that resizes a line of n pixels to m: every pixel of the mirrored line times its weight."""
    scale = m / n
    a = np.zeros((m, n))
    for i in range(m):
        center = (i + 0.5) / scale - 0.5
        for j in range(-4 * n, 5 * n):
            r = j % (2 * n)
            a[i, r if r < n else 2 * n - 1 - r] += cubic(min(scale, 1.0) * (center - j))
    return a / a.sum(1, keepdims=True)


def picture(width, height):
    y, x = np.mgrid[0:height, 0:width]
    return ((37 * x + 91 * y + 13 * x * y) % 256).astype(float)


def rounded(values):
    return np.floor(np.clip(values, 0, 255) + 0.5)


def ssim(a, b):
    g = np.exp(-((np.arange(11) - 5) ** 2) / 4.5)
    window = np.outer(g, g) / g.sum() ** 2

    def mean(v):
        h, w = v.shape
        return np.array([[(v[y : y + 11, x : x + 11] * window).sum() for x in range(w - 10)] for y in range(h - 10)])

    ma, mb = mean(a), mean(b)
    va, vb, c = mean(a * a) - ma**2, mean(b * b) - mb**2, mean(a * b) - ma * mb
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    return (((2 * ma * mb + c1) * (2 * c + c2)) / ((ma**2 + mb**2 + c1) * (va + vb + c2))).mean()


np.set_printoptions(precision=6, suppress=True, floatmode="fixed", linewidth=120)
p = picture(7, 5)
print("7x5 -> 3x2\n", matrix(5, 2) @ p @ matrix(7, 3).T)
print("7x5 -> 14x10, first row\n", (matrix(5, 10) @ p @ matrix(7, 14).T)[0])
print("8 bits, 7x5 -> 3x2\n", rounded(rounded(matrix(5, 2) @ p) @ matrix(7, 3).T))
print("8 bits, 7x5 -> 2x4, columns first\n", rounded(matrix(5, 4) @ rounded(p @ matrix(7, 2).T)))
print("8 bits, 7x5 -> 14x10, first row\n", rounded(rounded(matrix(5, 10) @ p) @ matrix(7, 14).T)[0])

a = picture(18, 16)
b = np.clip(a + (np.mgrid[0:16, 0:18][1] % 5) * 3 - 6, 0, 255)
for shave in (0, 2):
    inner = np.s_[shave : 16 - shave, shave : 18 - shave]
    print("shave", shave, "PSNR", 10 * np.log10(255**2 / ((a - b)[inner] ** 2).mean()), "SSIM", ssim(a[inner], b[inner]))


# Whole evaluations. Pictures are [c, y, x]; scale 2.
SCALE = 2
LUMA = np.array([65.738, 129.057, 25.064]) / 256


def original(width, height):
    c, y, x = np.mgrid[0:3, 0:height, 0:width]
    return ((x * x + 3 * y * y + 7 * x * y + 40 * c * x) // 16 % 256).astype(float)


def shrunk(hr):
    _, h, w = hr.shape
    rows = rounded(np.stack([matrix(h, h // SCALE) @ plane for plane in hr]))
    return rounded(np.stack([plane @ matrix(w, w // SCALE).T for plane in rows]))


def bicubic(lr):
    _, h, w = lr.shape
    rows = rounded(np.stack([matrix(h, h * SCALE) @ plane for plane in lr]))
    return rounded(np.stack([plane @ matrix(w, w * SCALE).T for plane in rows]))


def nearest(lr):
    return lr.repeat(SCALE, 1).repeat(SCALE, 2)


def slanted(lr):
    """A network that differs between orientations: a slope on top of nearest."""
    large = nearest(lr)
    _, y, x = np.mgrid[0:3, 0 : large.shape[1], 0 : large.shape[2]]
    return large + 0.375 * x - 0.25 * y + 0.03125 * x * x


def ensemble(network, lr):
    """EDSR-PyTorch's forward_x8: flips of x, flips of y, transposes; results turned back and averaged."""
    inputs = [lr]
    for turn in (lambda v: v[:, :, ::-1], lambda v: v[:, ::-1], lambda v: v.transpose(0, 2, 1)):
        inputs += [turn(v) for v in inputs]
    total = 0
    for i, v in enumerate(inputs):
        out = network(v)
        if i > 3:
            out = out.transpose(0, 2, 1)
        if i % 4 > 1:
            out = out[:, ::-1]
        if i % 2 == 1:
            out = out[:, :, ::-1]
        total = total + out
    return total / 8


def scores(sr, hr):
    """EDSR-PyTorch's calc_psnr: on luma for benchmarks, on RGB with scale + 6 for DIV2K; SSIM beside it."""
    sr = rounded(sr)

    def db(a, b):
        return 10 * np.log10(255**2 / ((a - b) ** 2).mean())

    y = [np.tensordot(LUMA, v, 1)[SCALE:-SCALE, SCALE:-SCALE] + 16 for v in (sr, hr)]
    shave = SCALE + 6
    rgb = [v[:, shave:-shave, shave:-shave] for v in (sr, hr)]
    return db(*y), ssim(*y), db(*rgb), np.mean([ssim(a, b) for a, b in zip(*rgb)])


hr = original(41, 33)[:, :32, :40]
lr = shrunk(hr)
print("small, first row", lr[0, 0])
for name, sr in (
    ("bicubic", bicubic(lr)),
    ("nearest", nearest(lr)),
    ("slanted", slanted(lr)),
    ("slanted, ensemble", ensemble(slanted, lr)),
):
    print(name, ", ".join(repr(float(v)) for v in scores(sr, hr)))
print("slanted 3x2, ensemble\n", ensemble(slanted, picture(3, 2)[None])[0])
gray = rounded(np.tensordot(np.array([19595, 38470, 7471]) / 65536, hr, 1))  # BT.601, as our gray images
sr = [nearest(shrunk(gray[None]))[0], gray]
y = [LUMA.sum() * v[SCALE:-SCALE, SCALE:-SCALE] + 16 for v in sr]
print("gray, nearest", 10 * np.log10(255**2 / ((y[0] - y[1]) ** 2).mean()), ssim(*y))
