"""A run: which inputs become which outputs, what is there already, and what is said about it."""

from __future__ import annotations

import dataclasses
import fcntl
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

import slimscale

from .. import _core
from . import _video, _work
from ._engines import Engine, LocalPool, Piece, RayCluster, Refused
from ._work import Failure, Result, Settings

STATE = ".slimscale-cluster"
"""A hidden folder in the output folder: the settings, the lock, and the finished parts of unfinished videos."""


class Usage(slimscale.Error):
    """The inputs or the output cannot be used: exit code 2."""


@dataclass(frozen=True)
class Options:
    model: str = ""
    channels: int = 0
    scale: int = 0
    target: str = "auto"
    border: str = "auto"
    threads: int = 1
    workers: int = 0
    memory_cap: int = 0
    format: str = ""
    quality: int = 95
    codec: str = ""
    codec_options: tuple[tuple[str, str], ...] = ()
    segment: int = 48
    recursive: bool = False
    overwrite: bool = False
    address: str = ""


@dataclass
class Summary:
    """What became of the inputs."""

    done: list[str] = field(default_factory=list)
    already: list[str] = field(default_factory=list)
    """Inputs whose output was there."""
    failed: dict[str, str] = field(default_factory=dict)
    """A sentence for each input that failed."""


# ---- Files -----------------------------------------------------------------------------------------------------------


def _writer(path: Path) -> _core.FileWriter:
    """Of a file that appears whole or not at all, as base/files.h describes it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return _core.FileWriter(os.fsencode(path))


def write_whole(path: Path, data: bytes) -> None:
    writer = _writer(path)
    writer.write(data)
    writer.commit()


class Folder:
    """The output folder, locked against other runs."""

    def __init__(self, path: Path) -> None:
        self.path, self.state = path, path / STATE
        self.since = 0
        try:
            self.state.mkdir(parents=True, exist_ok=True)
            self._lock: TextIO = open(self.state / "lock", "a+")
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.seek(0)
            raise Usage(f"{path}: another run writes there ({self._lock.read().strip()}); wait for it, or give another folder") from None
        except OSError as error:
            raise Usage(f"{path}: {error.strerror}") from error
        self._lock.truncate(0)
        self._lock.write(f"process {os.getpid()} on {_work.node_name()}\n")
        self._lock.flush()

    def settle(self, description: dict[str, str], overwrite: bool) -> None:
        """Compares how the folder's results were made with how they would be made now. Results that are older than
        `since` count as absent."""
        file = self.state / "settings.json"
        try:
            kept = json.loads(file.read_text())
        except (OSError, ValueError):
            kept = {}
        then = kept.get("settings", description)
        if then != description and not overwrite:
            differing = [key for key in description if then.get(key) != description[key]]
            told = ", ".join(f"{key} {then.get(key)} instead of {description[key]}" for key in differing)
            raise Usage(f"{self.path} has results of other settings ({told}); give another folder, or --overwrite")
        if overwrite:
            shutil.rmtree(self.state / "parts", ignore_errors=True)
        elif kept:
            self.since = int(kept.get("since", 0))
            return
        write_whole(file, json.dumps({"settings": description, "since": 0}).encode())
        if overwrite:
            self.since = file.stat().st_mtime_ns  # by the clock of the disk that has the results
            write_whole(file, json.dumps({"settings": description, "since": self.since}).encode())

    def has(self, output: Path) -> bool:
        try:
            return output.stat().st_mtime_ns >= self.since
        except OSError:
            return False

    def close(self) -> None:
        self._lock.close()


# ---- Jobs ------------------------------------------------------------------------------------------------------------


@dataclass
class Job:
    """An input and what is known of its result."""

    input: Path
    output: Path
    failed: str = ""
    notes: list[str] = field(default_factory=list)
    done: list[Result] = field(default_factory=list)
    left: int = 0
    """Pieces that are under way, and one more until all of them are known."""

    def pieces(self, run: Run) -> Iterator[Piece]:
        """The pieces that are to be computed. Reads the input, and raises what is wrong with it."""
        raise NotImplementedError

    def take(self, number: int, result: Result) -> None:
        """Keeps the result of a piece."""
        raise NotImplementedError

    def finish(self) -> None:
        """Called once all pieces are there."""


@dataclass
class PictureJob(Job):
    format: str = ""

    def pieces(self, run: Run) -> Iterator[Piece]:
        yield Piece((self, 0), _work.picture, (self.input.read_bytes(), self.format, run.options.quality))

    def take(self, number: int, result: Result) -> None:
        write_whole(self.output, result.data)
        self.notes += result.notes


@dataclass
class VideoJob(Job):
    parts: Path = Path()
    """The folder of its finished parts."""
    plan: _video.Plan | _video.Y4mPlan | None = None

    @property
    def _count(self) -> int:
        assert self.plan is not None
        return len(self.plan.cuts) - 1 if isinstance(self.plan, _video.Y4mPlan) else len(self.plan.ranges)

    def _part(self, number: int) -> Path:
        return self.parts / f"{number:06d}"

    def pieces(self, run: Run) -> Iterator[Piece]:
        options = run.options
        status = self.input.stat()
        key = f"{self.input.name} {status.st_size} {status.st_mtime_ns} {options.segment}"
        name = hashlib.sha256(os.fspath(self.output).encode()).hexdigest()[:16]
        self.parts = run.folder.state / "parts" / name
        known = self.parts / "of"
        if not known.exists() or known.read_text() != key:
            shutil.rmtree(self.parts, ignore_errors=True)
            write_whole(known, key.encode())
        if self.input.suffix.lower() == _video.Y4M:
            self.plan = _video.plan_y4m(self.input, options.segment, run.scale)
            for number, data in _video.pieces_y4m(self.plan, self._missing()):
                yield Piece((self, number), _work.y4m, (data,))
        else:
            self.plan = plan = _video.plan(self.input, options.segment, options.codec, dict(options.codec_options))
            self.notes += plan.notes
            for number, segment in _video.segments(plan, self._missing()):
                yield Piece((self, number), _work.segment, (segment, plan.encoding))

    def _missing(self) -> set[int]:
        return {number for number in range(self._count) if not self._part(number).exists()}

    def take(self, number: int, result: Result) -> None:
        write_whole(self._part(number), result.data)

    def finish(self) -> None:
        assert self.plan is not None
        parts = [self._part(number) for number in range(self._count)]
        writer = _writer(self.output)
        if isinstance(self.plan, _video.Y4mPlan):
            _video.join_y4m(self.plan, parts, writer)
        else:
            joined = self.parts / "joined"  # FFmpeg seeks in what it writes
            try:
                self.notes += _video.join(self.plan, parts, joined, self.output.suffix.lower())
                with open(joined, "rb") as source:
                    shutil.copyfileobj(source, writer, 1 << 20)
            finally:
                joined.unlink(missing_ok=True)
        writer.commit()
        shutil.rmtree(self.parts, ignore_errors=True)


def list_jobs(inputs: Sequence[str], output: Path, recursive: bool, format: str, codec: str) -> tuple[list[Job], int]:
    """The jobs, pictures first, and the number of other files in the folders."""
    for name in inputs:
        if not os.path.exists(name):
            raise Usage(f"{name}: no such file or folder")
    videos: list[tuple[Path, Path]] = []
    for name in inputs:
        path = Path(name)
        if path.is_dir():
            videos += [(file, file.relative_to(path)) for file in _videos_of(path, output, recursive)]
        elif path.suffix.lower() in _video.ENDINGS:
            videos.append((path, Path(path.name)))
    named = {video for video, _ in videos}
    rest = [name for name in inputs if Path(name) not in named]
    jobs: list[Job] = []
    listed: list[tuple[str, str, str]] = []
    others = 0
    if rest:
        try:
            # The trailing separator says that the output is a folder.
            listed, others = _core.list_jobs(rest, os.fspath(output) + "/", recursive, format, bool(videos))
        except slimscale.Error as error:
            raise Usage(str(error)) from error
        others -= len([video for video, _ in videos if os.fspath(video) not in inputs])
    jobs += [PictureJob(Path(source), Path(os.path.normpath(target)), format=kind) for source, target, kind in listed]
    taken = {job.output for job in jobs}
    for video, within in sorted(videos):
        target = output / within.parent / _video.output_name(within, codec)
        if target in taken:
            target = target.with_name(within.name + target.suffix)
        if target in taken:
            raise Usage(f"{video}: its result and another one would both be {target}; give them other names")
        if target.resolve() == video.resolve():
            raise Usage(f"{video}: the output is the input itself; give another folder")
        taken.add(target)
        jobs.append(VideoJob(video, target))
    return jobs, others


def _videos_of(folder: Path, output: Path, recursive: bool) -> Iterator[Path]:
    for where, folders, files in os.walk(folder):
        folders[:] = sorted(
            name
            for name in folders
            if recursive and name[0] != "." and not os.path.islink(os.path.join(where, name))
            and Path(where, name).resolve() != output.resolve()
        )  # fmt: skip
        for name in sorted(files):
            if name[0] != "." and Path(name).suffix.lower() in _video.ENDINGS:
                yield Path(where, name)


# ---- The run ---------------------------------------------------------------------------------------------------------


class Console:
    """Lines about results on standard output, all others on standard error, and progress where that is a terminal."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._terminal = sys.stderr.isatty() and not quiet
        self._shown = False
        self._out = sys.stdout

    def _clear(self) -> None:
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            self._shown = False

    def line(self, text: str) -> None:
        self._clear()
        if not self._quiet:
            print(_one_line(text), file=self._out, flush=True)

    def say(self, text: str, error: bool = False) -> None:
        self._clear()
        if error or not self._quiet:
            print(f"slimscale: {_one_line(text)}", file=sys.stderr, flush=True)

    def progress(self, text: str) -> None:
        if self._terminal:
            sys.stderr.write("\r\x1b[K" + text[: max(20, shutil.get_terminal_size().columns - 1)])
            sys.stderr.flush()
            self._shown = True


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _sentence(error: Exception) -> str:
    """Why an input failed. Whatever a file or a library does, the other inputs go on."""
    if isinstance(error, slimscale.Error):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error)
    if isinstance(error, ImportError):
        return "videos need PyAV: pip install 'slimscale[video]'; y4m does not"
    return f"{type(error).__name__}: {error}"


class Run:
    def __init__(self, inputs: Sequence[str], output: str, options: Options, console: Console) -> None:
        self.options, self.console = options, console
        self.summary = Summary()
        self.scale = 1
        path = Path(output)
        if path.exists() and not path.is_dir():
            raise Usage(f"{output}: the output must be a folder")
        if any(os.path.isdir(name) and os.path.exists(output) and os.path.samefile(name, output) for name in inputs):
            raise Usage(f"{output}: the output is the input folder itself; give another one")
        self.jobs, others = list_jobs(inputs, path, options.recursive, options.format, options.codec)
        if others > 0:
            console.say(f"{others} {'file is' if others == 1 else 'files are'} no image or video and left out")
        self._settings = self._settings_of(options)
        self._output = path

    def _settings_of(self, options: Options) -> Settings:
        weights = None
        name = options.model
        if name and os.path.exists(name):
            weights = Path(name).read_bytes()
            name = os.path.basename(name)
        return Settings(
            model=name, weights=weights, channels=options.channels, scale=options.scale, target=options.target,
            threads=options.threads, memory_cap=options.memory_cap, border=options.border,
        )  # fmt: skip

    def _engine(self) -> Engine:
        if self.options.address:
            return RayCluster(self.options.address, self._settings, self.console.say)
        workers = self.options.workers or max(1, slimscale.default_threads() // self.options.threads)
        return LocalPool(self._settings, workers)

    def _settle(self, engine: Engine) -> None:
        """Opens the model here, chooses a target that all machines run, and compares with the folder's settings."""
        try:
            opened = _work._files(self._settings)
        except _work._Unfit as error:
            raise Refused(str(error)) from error
        _work._opened.clear()
        self.scale = opened.scale
        model = next(m for m in slimscale.models() if m.name == opened.model)
        channels = opened.channels
        machines = engine.machines()
        target = self.options.target
        if target == "auto":
            # Targets differ in their last bits: one for all, or a video would change from segment to segment.
            common = [t.name for t in model.targets if all(t.name in machine.targets for machine in machines)]
            if not common:
                raise Refused("the machines have no target in common; --target names one, and leaves out those that lack it")
            target = opened.target if opened.target in common else common[0]
        self._settings = dataclasses.replace(
            self._settings, model=self._settings.model or model.name, channels=channels, scale=self.scale, target=target
        )
        engine.start(self._settings)
        self.folder = Folder(self._output)
        weights = self._settings.weights
        self.folder.settle(
            {
                "model": model.name + (f" of {hashlib.sha256(weights).hexdigest()[:12]}" if weights else ""),
                "channels": str(channels),
                "target": target,
                "border": self.options.border,
                "quality": str(self.options.quality),
                "codec": " ".join([self.options.codec or "auto", *(f"{k}={v}" for k, v in self.options.codec_options)]),
                "version": slimscale.__version__,
            },
            self.options.overwrite,
        )

    def _pieces(self) -> Iterator[Piece]:
        for job in self.jobs:
            if self.folder.has(job.output):
                self.summary.already.append(str(job.input))
                continue
            job.left = 1
            try:
                for piece in job.pieces(self):
                    if job.failed:
                        break
                    job.left += 1
                    yield piece
            except Exception as error:
                self._fail(job, _sentence(error))
            self._leave(job)

    def _leave(self, job: Job) -> None:
        """A piece of the job is done, or all of its pieces are known."""
        job.left -= 1
        if job.left or job.failed:
            return
        try:
            job.finish()
        except Exception as error:
            self._fail(job, _sentence(error))
            return
        self.summary.done.append(str(job.input))
        for note in job.notes:
            self.console.say(f"{job.input}: {note}")
        self.console.line(f"{job.input} -> {job.output}: {self._told(job)}")

    def _told(self, job: Job) -> str:
        if not job.done:
            return "put together of the parts that were there"
        last = job.done[-1]
        width, height = last.size
        nodes = sorted({result.node for result in job.done})
        text = (
            f"{width}x{height} to {width * self.scale}x{height * self.scale}, {self._settings.model}, "
            f"{last.channels} channels, {last.target}, {sum(result.ms for result in job.done):.0f} ms"
        )
        if len(job.done) > 1:
            text += f" in {len(job.done)} segments"
        return text + (f", on {', '.join(nodes)}" if self.options.address else "")

    def _fail(self, job: Job, sentence: str) -> None:
        if job.failed:
            return
        sentence = sentence.removeprefix(f"{job.input}: ")  # which is said before it anyway
        job.failed = sentence
        self.summary.failed[str(job.input)] = sentence
        self.console.say(f"{job.input}: {sentence}", error=True)

    def _take(self, key: Any, outcome: Result | Failure) -> None:
        job, number = key
        if isinstance(outcome, Failure):
            self._fail(job, outcome.sentence + (f" (on {outcome.node})" if outcome.unfit and outcome.node else ""))
        elif not job.failed:
            try:
                job.take(number, outcome)
            except (slimscale.Error, OSError) as error:
                self._fail(job, _sentence(error))
            job.done.append(dataclasses.replace(outcome, data=b""))
        self._leave(job)

    def run(self) -> Summary:
        self._began = time.monotonic()
        engine = self._engine()
        try:
            self._settle(engine)
            self._loop(engine)
        finally:
            engine.stop()
            if hasattr(self, "folder"):
                self.folder.close()
        return self.summary

    def _loop(self, engine: Engine) -> None:
        waiting = self._pieces()
        more, submitted, finished = True, 0, 0
        while more or submitted > finished:
            while more and submitted - finished < engine.window:
                piece = next(waiting, None)
                more = piece is not None
                if piece is not None:
                    engine.submit(piece)
                    submitted += 1
            for key, outcome in engine.wait(0.5):
                finished += 1
                self._take(key, outcome)
            self._show(finished, submitted - finished)

    def _show(self, pieces: int, running: int) -> None:
        summary = self.summary
        ready = len(summary.done) + len(summary.failed) + len(summary.already)
        seconds = time.monotonic() - self._began
        text = f"{ready} of {len(self.jobs)} done, {running} pieces under way"
        if pieces:
            text += f", {60 * pieces / seconds:.1f} pieces a minute"
        if summary.failed:
            text += f", {len(summary.failed)} failed"
        self.console.progress(text)


def upscale(
    inputs: str | os.PathLike[str] | Sequence[str | os.PathLike[str]],
    output: str | os.PathLike[str],
    *,
    quiet: bool = True,
    **options: Any,
) -> Summary:
    """Upscales files and folders into the folder `output`; returns what became of each input.

    `options` are those of `python -m slimscale.cluster upscale --help` with "_" for "-", and `channels`, `scale`, `threads`,
    `workers`, `quality` and `segment` as numbers, `codec_options` as pairs of names and values, `memory_cap` in bytes.
    Raises slimscale.Error if the run cannot start.
    """
    names = [inputs] if isinstance(inputs, (str, os.PathLike)) else list(inputs)
    return Run([os.fspath(name) for name in names], os.fspath(output), Options(**options), Console(quiet)).run()
