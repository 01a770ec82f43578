"""Engines as processes that wait for orders. They are timed in interleaved rounds, so that a busy minute slows them alike."""
import contextlib
import math
import os
import signal
import statistics
import subprocess
import sys
import time

SECONDS_PER_TURN = 0.4  # long enough for many frames of a small network, short enough to interleave


class Engine:
    """A running worker, which speaks the protocol of worker.py. Raises RuntimeError with its last line if it ends early.
    `processors`: those that it may use; None: all that this process may."""

    def __init__(self, name, command, environment, log, processors=None):
        self.name, self.log, self.times = name, log, []
        with open(log, "w") as errors:
            self.process = subprocess.Popen([str(part) for part in command], stdin=subprocess.PIPE,
                                            stdout=subprocess.PIPE, stderr=errors, text=True, env=environment,
                                            preexec_fn=lambda: processors and os.sched_setaffinity(0, processors))
        word, *rest = self.answer().split(maxsplit=1)
        if word != "ready":
            raise RuntimeError(f"{name} answered {word!r} instead of ready")
        self.version = rest[0] if rest else "unknown"

    def answer(self):
        """The worker's next line of the protocol; libraries print notices to standard output, too."""
        for line in self.process.stdout:
            if line.startswith("ready") or line[:1].isdigit():
                return line.strip()
        errors = self.log.read_text().strip().splitlines()
        raise RuntimeError(f"{self.name} ended: {errors[-1] if errors else 'without a word'} ({self.log})")

    def run(self, frames):
        self.process.stdin.write(f"{frames}\n")
        self.process.stdin.flush()
        return [float(milliseconds) for milliseconds in self.answer().split()]

    def stop(self):
        """Until its next turn: threads that wait for work would otherwise run on beside another engine."""
        self.process.send_signal(signal.SIGSTOP)

    def turn(self):
        """Runs one frame to warm the caches that the others used, then timed ones."""
        self.process.send_signal(signal.SIGCONT)
        estimate = self.run(1)[0]
        frames = max(2, min(50, round(1e3 * SECONDS_PER_TURN / estimate)))
        self.times += self.run(frames)
        self.stop()

    def close(self):
        self.process.send_signal(signal.SIGCONT)
        self.process.stdin.close()
        self.process.wait()

    @property
    def p50(self):
        return statistics.median(self.times)

    @property
    def p99(self):
        """By nearest rank: with less than 100 frames the worst."""
        return sorted(self.times)[math.ceil(0.99 * len(self.times)) - 1]


def interleave(engines, rounds):
    for engine in engines:
        engine.stop()
    for i in range(rounds):
        first = i % len(engines)  # so that no engine always follows the same one
        for engine in engines[first:] + engines[:first]:
            engine.turn()


@contextlib.contextmanager
def load(processor):
    """An endless loop that is held to a processor; None: no load."""
    if processor is None:
        yield
        return
    process = subprocess.Popen([sys.executable, "-c", "while True: pass"],
                               preexec_fn=lambda: os.sched_setaffinity(0, {processor}))
    try:
        yield
    finally:
        process.kill()
        process.wait()


def busy_share(seconds=0.5):
    """How busy the machine is before engines run, 0..1."""
    def jiffies():
        with open("/proc/stat") as stat:
            values = [int(value) for value in stat.readline().split()[1:]]
        return sum(values), values[3] + values[4]

    (total, idle) = jiffies()
    time.sleep(seconds)
    (total_after, idle_after) = jiffies()
    return 1 - (idle_after - idle) / max(1, total_after - total)
