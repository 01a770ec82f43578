import os
from pathlib import Path

import numpy as np
import pytest

import slimscale

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session", autouse=True)
def own_cache(tmp_path_factory):
    """The tests keep their profiles apart from the user's."""
    os.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.mktemp("cache"))


def float_target(model):
    """The model's best target here that computes in f32, which other engines are compared with."""
    return next(t.name for t in model.targets if t.runnable and not t.name.endswith(("q16", "bf16")))


@pytest.fixture(scope="session")
def upscaler():
    """16 channels in f32, which is fast, and which other engines are compared with."""
    return slimscale.Upscaler("edsr_small_x2", channels=16, target=float_target(slimscale.models()[0]))


def picture(height=19, width=26, channels=3, dtype=np.uint8):
    """A smooth picture with some noise, full range."""
    y, x = np.mgrid[0:height, 0:width]
    waves = [np.sin(x / (3 + c) + y / 7 + c) for c in range(channels)]
    noise = np.random.default_rng(1).normal(0, 0.03, (height, width, channels))
    shares = np.clip(np.stack(waves, -1) / 2 + 0.5 + noise, 0, 1)
    if np.dtype(dtype).kind == "f":
        return shares.astype(dtype)
    return np.rint(shares * np.iinfo(dtype).max).astype(dtype)
