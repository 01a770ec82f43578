"""PSNR and SSIM over images, as the command-line tool measures them."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any, Literal

from . import _core
from ._upscaler import channel_list, check_model_name


@dataclass(frozen=True)
class Score:
    psnr: float
    """dB; infinite for equal pictures."""
    ssim: float
    """At most 1."""


@dataclass(frozen=True)
class Scores:
    """Scores on pictures of 8 bits."""

    y: Score
    """On luma, without a border of `scale` pixels, as in papers."""
    rgb: Score | None
    """Without a border of scale + 6 pixels; None for luma networks."""


@dataclass(frozen=True)
class Subject:
    """A model at one channel count."""

    name: str
    engine: str
    channels: int
    setting: str
    """How it ran: "avx2, 2 threads"."""


@dataclass(frozen=True)
class SubjectScores:
    plain: Scores
    ensemble: Scores | None
    """Scores of the mean of eight orientations; None unless they were asked for."""
    ms: float
    """Time for the image, without ensemble."""


@dataclass(frozen=True)
class ImageScores:
    image: str
    """Path, or "mean"."""
    width: int
    height: int
    bicubic: Scores
    subjects: tuple[SubjectScores, ...]
    """In the order of Evaluation.subjects."""


@dataclass(frozen=True)
class Evaluation:
    scale: int
    colors: int
    subjects: tuple[Subject, ...]
    """By channel count, ascending."""
    images: tuple[ImageScores, ...]
    mean: ImageScores | None
    """None if no image could be measured."""
    left_out: tuple[tuple[str, str], ...]
    """Images that could not be measured: (path, sentence)."""
    warnings: tuple[str, ...]
    """Sentences about what the scores can be compared with."""
    json: str
    """The text that `slimscale evaluate --json` writes."""


def _score(fields: dict[str, Any]) -> Score:
    return Score(inf if fields["psnr"] is None else fields["psnr"], fields["ssim"])


def _scores(fields: dict[str, Any]) -> Scores:
    return Scores(_score(fields["y"]), _score(fields["rgb"]) if fields.get("rgb") else None)


def _image(fields: dict[str, Any], name: str | None = None) -> ImageScores:
    subjects = tuple(
        SubjectScores(_scores(s["plain"]), _scores(s["ensemble"]) if s.get("ensemble") else None, s.get("ms", 0.0))
        for s in fields["subjects"]
    )
    return ImageScores(
        name or fields["image"], fields.get("width", 0), fields.get("height", 0), _scores(fields["bicubic"]), subjects
    )


def evaluate(
    model: str | os.PathLike[str],
    images: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    *,
    channels: Literal["all", "auto"] | int | Sequence[int] = "all",
    self_ensemble: bool = False,
    small: str | os.PathLike[str] | None = None,
    degrade: str = "",
    target: str = "auto",
    threads: int = 0,
    memory_cap: int = 0,
    allow_untrained: bool = False,
    scale: int = 0,
    progress: Callable[[int, int, str], object] | None = None,
) -> Evaluation:
    """Measures a model and bicubic: each image is shrunk by MATLAB's bicubic, enlarged by both, and compared with itself.

    Parameters
    ----------
    model
        A name, or a trained file of a network that is compiled in, as for Upscaler.
    images
        Files and folders of originals: PNG and JPEG, and if libvips is installed, WebP, TIFF, AVIF, HEIC and JPEG XL.
    channels
        "all": every trained channel count; "auto": the largest; or those named.
    self_ensemble
        Measures the mean of eight orientations too, at eight times the time.
    small
        A folder of small images of the same names, instead of shrinking the originals.
    degrade
        Degradations of the small images: "jpeg=75", "blur=0.2-1:0.4,noise=0-8:0.4", "photo" (extras/quality/degrade.h).
    progress
        Called with (images done, images, path) before each image. An exception that it raises ends the evaluation, and
        so does Ctrl-C between two images.
    """
    name = os.fspath(model)
    check_model_name(name)
    paths = [images] if isinstance(images, (str, os.PathLike)) else list(images)
    everything = channels == "all"
    text, warnings = _core.evaluate(
        name,
        [os.fspath(path) for path in paths],
        [] if everything else channel_list(channels),
        everything,
        scale,
        self_ensemble,
        "" if small is None else os.fspath(small),
        degrade,
        target,
        threads,
        memory_cap,
        allow_untrained,
        progress,
    )
    fields = json.loads(text)
    return Evaluation(
        scale=fields["scale"],
        colors=fields["colors"],
        subjects=tuple(Subject(s["name"], s["engine"], s["channels"], s["setting"]) for s in fields["subjects"]),
        images=tuple(_image(image) for image in fields["images"]),
        mean=_image(fields["mean"], "mean") if fields["mean"] else None,
        left_out=tuple((each["image"], each["sentence"]) for each in fields["left_out"]),
        warnings=tuple(warnings),
        json=text,
    )
