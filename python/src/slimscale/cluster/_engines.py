"""Where pieces run: processes of this machine, or a Ray cluster. Both have one interface, and both run a piece again whose
worker was lost."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import Any, Protocol

import slimscale

from . import _work
from ._work import Failure, Machine, Settings

ATTEMPTS = 3
"""How often a piece may lose its worker before it fails: a piece that kills its workers must not stop the others."""


class Refused(slimscale.Error):
    """The run cannot start: exit code 3."""


@dataclass
class Piece:
    key: Any
    """What wait() returns the result with."""
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    lost: int = 0
    """Workers that died with it."""


class Engine(Protocol):
    @property
    def window(self) -> int:
        """Pieces to have submitted, so that no worker waits."""

    def machines(self) -> list[Machine]:
        """Every machine that is fit, asked before the first piece. Notes about the others go to `say`."""

    def start(self, settings: Settings) -> None: ...

    def submit(self, piece: Piece) -> None: ...

    def wait(self, seconds: float) -> list[tuple[Any, Any]]:
        """Keys of finished pieces, with a Result or a Failure."""

    def stop(self) -> None:
        """Ends what still runs."""


def _died(piece: Piece) -> Failure:
    return Failure(
        f"its worker died {piece.lost} times, and no other piece's did; it may need more memory than there is"
    )


# ---- Processes of this machine ---------------------------------------------------------------------------------------

_settings: Settings | None = None


def _begin(settings: Settings) -> None:
    """The first thing that a worker process does."""
    global _settings
    _settings = settings
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the first one ends the others
    parent = multiprocessing.parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=follow, daemon=True).start()


def _run(function: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
    assert _settings is not None
    return _work.attempt(_settings, function, arguments)


class LocalPool:
    """Worker processes. Only as many pieces as there are workers are handed over, so that a process that dies has taken
    one of those. They are then run one at a time: the one at fault is told from the others."""

    def __init__(self, settings: Settings, workers: int) -> None:
        self._settings, self._workers = settings, workers
        self._waiting: deque[Piece] = deque()
        self._suspects: deque[Piece] = deque()
        self._running: dict[Future[Any], Piece] = {}
        self._pool: ProcessPoolExecutor | None = None

    @property
    def window(self) -> int:
        return self._workers + 1

    def machines(self) -> list[Machine]:
        # In a process of its own: this one stays free of threads.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn"), _begin, (self._settings,)) as pool:
            told = pool.submit(_run, _work.machine, ()).result()
        if isinstance(told, Failure):
            raise Refused(told.sentence)
        return [told]

    def start(self, settings: Settings) -> None:
        self._settings = settings

    def submit(self, piece: Piece) -> None:
        self._waiting.append(piece)
        self._fill()

    def _fill(self) -> None:
        while len(self._running) < (1 if self._suspects else self._workers):
            queue = self._suspects or self._waiting
            if not queue:
                return
            piece = queue.popleft()
            if self._pool is None:
                context = multiprocessing.get_context("spawn")  # fork would copy locks that other threads hold
                self._pool = ProcessPoolExecutor(self._workers, context, _begin, (self._settings,))
            try:
                future = self._pool.submit(_run, piece.function, piece.arguments)
            except BrokenProcessPool:  # a worker died just now; the next wait() learns it from the other pieces
                queue.appendleft(piece)
                if not self._running:
                    self._pool = None
                    continue
                return
            self._running[future] = piece

    def wait(self, seconds: float) -> list[tuple[Any, Any]]:
        self._fill()
        done, _ = wait(self._running, timeout=seconds, return_when=FIRST_COMPLETED)
        finished: list[tuple[Any, Any]] = []
        broken = False
        for future in done:
            piece = self._running.pop(future)
            error = future.exception()
            if error is None:
                finished.append((piece.key, future.result()))
            elif isinstance(error, BrokenProcessPool):
                broken = True
                finished += self._lost(piece)
            else:  # what comes back cannot be sent, for example
                finished.append((piece.key, Failure(f"{type(error).__name__}: {error}")))
        if broken:
            for piece in self._running.values():
                finished += self._lost(piece)
            self._running.clear()
            self._pool = None
        self._fill()
        return finished

    def _lost(self, piece: Piece) -> list[tuple[Any, Any]]:
        piece.lost += 1
        if piece.lost >= ATTEMPTS:
            return [(piece.key, _died(piece))]
        self._suspects.append(piece)
        return []

    def stop(self) -> None:
        if self._pool is None:
            return
        processes = list((getattr(self._pool, "_processes", None) or {}).values())
        self._pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()
        for process in processes:
            process.join()
        self._pool = None


# ---- Ray -------------------------------------------------------------------------------------------------------------


@dataclass
class RayCluster:
    """Tasks of a Ray cluster, which runs those of a lost machine again by itself."""

    address: str
    settings: Settings
    say: Callable[[str], None]
    _pieces: dict[Any, Piece] = field(default_factory=dict)
    _unfit: set[str] = field(default_factory=set)
    _alive: dict[str, str] = field(default_factory=dict)
    _counted: float = 0
    _slots: int = 1

    def __post_init__(self) -> None:
        if "://" in self.address:
            raise Refused(
                f"{self.address}: Ray's client is not used; join this machine to the cluster"
                " (`ray start --address=HOST:6379`) and give auto"
            )
        try:
            import ray
        except ImportError:
            raise Refused("--address needs Ray: pip install 'slimscale[cluster]'") from None
        self._ray = ray
        _check_reachable(self.address)
        try:
            ray.init(address=self.address, logging_level="ERROR", log_to_driver=False)
        except Exception as error:  # Ray raises many kinds
            first = str(error).strip().partition("\n")[0]
            raise Refused(f"no Ray cluster answers at {self.address} ({first}); `ray start --head` starts one") from error
        self._attempt = ray.remote(_work.attempt)
        self.start(self.settings)

    def start(self, settings: Settings) -> None:
        self.settings = settings
        self._shared = self._ray.put(settings)

    def _nodes(self) -> list[dict[str, Any]]:
        return [
            node
            for node in self._ray.nodes()
            if node["Alive"] and node["Resources"].get("CPU", 0) >= self.settings.threads
        ]

    @property
    def window(self) -> int:
        self._count()
        return 2 * self._slots + 1

    def _count(self) -> None:
        now = time.monotonic()
        if now - self._counted > 5:  # machines come and go
            self._counted = now
            fit = [node for node in self._nodes() if node["NodeID"] not in self._unfit]
            alive = {node["NodeID"]: node["NodeManagerHostname"] for node in fit}
            for lost in self._alive.keys() - alive.keys():
                self.say(f"{self._alive[lost]} was lost; what ran there runs again")
            self._alive = alive
            self._slots = sum(int(node["Resources"]["CPU"]) // self.settings.threads for node in fit)

    def machines(self) -> list[Machine]:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        asked = {}
        for node in self._nodes():
            there = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            asked[node["NodeID"], node["NodeManagerHostname"]] = self._attempt.options(
                num_cpus=0, max_retries=0, scheduling_strategy=there
            ).remote(self._shared, _work.machine, ())
        if not asked:
            raise Refused(f"no machine of the cluster has {self.settings.threads} CPUs for a worker; lower --threads")
        self._ray.wait(list(asked.values()), num_returns=len(asked), timeout=120)
        fit: list[Machine] = []
        sentences = []
        for (identity, name), reference in asked.items():
            told = self._told(reference)
            if isinstance(told, Machine) and told.version == slimscale.__version__:
                fit.append(told)
                continue
            sentence = (
                f"it has slimscale {told.version}, and this machine {slimscale.__version__}"
                if isinstance(told, Machine)
                else told.sentence
            )
            self._unfit.add(identity)
            sentences.append(f"{name}: {sentence}")
        if not fit:
            raise Refused("no machine of the cluster can do the work; " + "; ".join(sentences))
        for sentence in sentences:
            self.say(f"{sentence}; the work goes on without it")
        return fit

    def _told(self, reference: Any) -> Machine | Failure:
        try:
            told: Machine | Failure = self._ray.get(reference, timeout=0)
            return told
        except self._ray.exceptions.GetTimeoutError:
            return Failure("it does not answer")
        except Exception as error:
            missing = "No module named" in str(error)
            return Failure("slimscale is not installed there" if missing else _last_line(error))

    def submit(self, piece: Piece) -> None:
        selector = {"ray.io/node-id": f"!in({','.join(sorted(self._unfit))})"} if self._unfit else None
        reference = self._attempt.options(
            name=f"slimscale {piece.function.__name__}", num_cpus=self.settings.threads, max_retries=0,
            label_selector=selector,
        ).remote(self._shared, piece.function, piece.arguments)  # fmt: skip
        self._pieces[reference] = piece

    def wait(self, seconds: float) -> list[tuple[Any, Any]]:
        self._count()
        if not self._pieces:
            return []
        done, _ = self._ray.wait(list(self._pieces), num_returns=1, timeout=seconds)
        finished: list[tuple[Any, Any]] = []
        for reference in done:
            piece = self._pieces.pop(reference)
            try:
                told = self._ray.get(reference)
            except Exception as error:  # the worker or its machine was lost
                piece.lost += 1
                told = Failure(f"its worker was lost: {_last_line(error)}", unfit=True)
            else:
                piece.lost += isinstance(told, Failure) and told.unfit
            if isinstance(told, Failure) and told.unfit and piece.lost < ATTEMPTS:
                self.submit(piece)
            else:
                finished.append((piece.key, told))
        return finished

    def stop(self) -> None:
        for reference in self._pieces:
            self._ray.cancel(reference, force=True)
        self._pieces.clear()
        self._ray.shutdown()


def _last_line(error: Exception) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__


def _check_reachable(address: str) -> None:
    """Refuses an address at which nothing listens, which Ray would wait for for minutes."""
    host, colon, port = address.rpartition(":")
    if not colon or not port.isdigit():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=10).close()
    except OSError as error:
        raise Refused(f"no Ray cluster answers at {address} ({error.strerror or error}); `ray start --head` starts one") from error
