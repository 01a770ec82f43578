"""The command line: python -m slimscale.cluster."""

from __future__ import annotations

import argparse
import contextlib
import io
import re
import signal
import sys
from typing import Any

import slimscale

from ._run import Console, Options, Run, Usage

_EPILOG = """\
Pictures are what `slimscale upscale` takes; videos are y4m and, with PyAV (pip install 'slimscale[video]'), whatever FFmpeg
decodes: progressive, with time stamps, of one size and format. Audio, subtitles, chapters, rotation, color description and
time stamps are kept, variable frame rates too. A result has its input's name; containers without exact time stamps (.avi,
.wmv, ...) become .mkv.

A run that was interrupted goes on when it is started again: results that are there are left, and finished segments are used.
A worker that dies loses nothing: its piece runs again. Inputs that fail are listed, and the others go on.

With --address the work goes to a Ray cluster (pip install 'slimscale[cluster]' on every machine, the same version; `ray start
--head` here, `ray start --address=HOST:6379` there). Files travel through this machine, and so does the model's.

Exit codes: 0 all went well; 1 an input failed, the others are done; 2 wrong usage, no such input, or a folder that cannot be
used; 3 the model, channels, target or cluster asked for cannot be had; 130 stopped by Ctrl-C.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        print(f"slimscale: {message}; --help lists the options", file=sys.stderr)
        sys.exit(2)


def _size(text: str) -> int:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([KMG]?)(?:i?B)?", text)
    size = float(match[1]) * 1024 ** " KMG".index(match[2] or " ") if match else 0
    if size < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no size such as 512M")
    return int(size)


def _at_least_one(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 1 on")
    return int(text)


def _percent(text: str) -> int:
    number = _at_least_one(text)
    if number > 100:
        raise argparse.ArgumentTypeError(f"'{text}' is not in 1..100")
    return number


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    pairs = [part.partition("=") for part in text.split(":")]
    if not all(key and equals and value for key, equals, value in pairs):
        raise argparse.ArgumentTypeError(f"'{text}' is not KEY=VALUE or KEY=VALUE:KEY=VALUE")
    return tuple((key, value) for key, _, value in pairs)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="python -m slimscale.cluster",
        description="Upscale folders and videos over many processes or machines.",
    )
    parser.add_argument("--version", action="version", version=f"slimscale {slimscale.__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    upscale = commands.add_parser(
        "upscale", help="upscale files and folders into a folder", epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Upscale pictures and videos, and those of folders, into a folder.",
    )  # fmt: skip
    add = upscale.add_argument
    add("inputs", nargs="+", metavar="IN", help="folders and files")
    add("output", metavar="OUT", help="a folder, which is made")
    where = upscale.add_argument_group("where it runs")
    where.add_argument(
        "--address", default="", metavar="ADDRESS",
        help="of a Ray cluster: that this machine belongs to: auto, or HOST:6379; default: processes of this machine",
    )  # fmt: skip
    where.add_argument("-j", "--threads", type=_at_least_one, default=1, metavar="N", help="of a worker; default 1")
    where.add_argument(
        "--workers", type=_at_least_one, default=0, metavar="N",
        help="processes of this machine; default: as many as processors for their threads; a cluster's are its own",
    )  # fmt: skip
    where.add_argument("--memory", type=_size, default=0, metavar="SIZE", help="at most this much working memory a worker, such as 512M")
    network = upscale.add_argument_group("network")
    network.add_argument("-m", "--model", default="", metavar="NAME|FILE", help="a model or network of the package, or a trained file for one")
    network.add_argument("-c", "--channels", type=_at_least_one, default=0, metavar="N", help="default: the most that are trained")
    network.add_argument("-s", "--scale", type=int, choices=(1, 2, 3, 4), default=0, help="default: the model's")
    network.add_argument("-t", "--target", default="auto", metavar="NAME", help="avx2, avx512, ...; default: the best that all machines run")
    network.add_argument("--border", choices=("auto", "zeros", "replicate"), default="auto", help="what the network sees beyond a picture's edges")
    files = upscale.add_argument_group("files")
    files.add_argument("-r", "--recursive", action="store_true", help="folders in the folders too")
    files.add_argument("--overwrite", action="store_true", help="make results again that are there")
    files.add_argument("--format", choices=("png", "jpeg", "webp", "tiff", "avif", "jxl"), default="", help="of all pictures; default: as their names say")
    files.add_argument("--quality", type=_percent, default=95, metavar="1..100", help="of JPEG pictures, default 95")
    files.add_argument(
        "--codec", default="", metavar="NAME",
        help="FFmpeg's encoder for videos: libx264, libx265, ffv1 (lossless), ...; default: the input's codec, or H.264",
    )  # fmt: skip
    files.add_argument("--codec-options", type=_pairs, default=(), metavar="K=V:K=V", help="for the encoder, such as crf=20:preset=slow")
    files.add_argument("--segment", type=_at_least_one, default=48, metavar="FRAMES", help="of a video in one piece of work, default 48")
    add("-q", "--quiet", action="store_true", help="print errors only")
    return parser


def _stop(signal_number: int, frame: Any) -> None:
    raise KeyboardInterrupt


def _as_options(sentence: str) -> str:
    """The package's sentences name arguments; here they are options."""
    for argument, option in {"memory_cap": "memory", "channels": "channels", "model": "model", "target": "target"}.items():
        sentence = re.sub(rf"(?<![\w-]){argument}=", f"--{option}", sentence)
    return sentence


def main(arguments: list[str] | None = None) -> int:
    given = vars(_parser().parse_args(arguments))
    given.pop("command")
    inputs, output, quiet = given.pop("inputs"), given.pop("output"), given.pop("quiet")
    options = Options(memory_cap=given.pop("memory"), **given)
    console = Console(quiet)
    if options.address and options.workers:
        console.say("--workers is for this machine's processes; a cluster has its own", error=True)
        return 2
    signal.signal(signal.SIGTERM, _stop)
    run = None
    try:
        run = Run(inputs, output, options, console)
        # Ray prints pages about a lost machine on standard output, and has no option against it.
        with contextlib.redirect_stdout(io.StringIO()):
            summary = run.run()
    except Usage as error:
        console.say(_as_options(str(error)), error=True)
        return 2
    except (slimscale.Error, OSError) as error:
        console.say(_as_options(str(error)), error=True)
        return 2 if isinstance(error, OSError) else 3
    except KeyboardInterrupt:
        done = len(run.summary.done) + len(run.summary.already) if run else 0
        console.say(f"stopped after {done} of {len(run.jobs) if run else 0}; the same command goes on from there", error=True)
        return 130
    if summary.already:
        console.say(f"{len(summary.already)} of {len(run.jobs)} results were there already")
    if summary.failed:
        console.say(f"{len(summary.failed)} of {len(run.jobs)} inputs failed: {', '.join(summary.failed)}", error=True)
    return 1 if summary.failed else 0


if __name__ == "__main__":
    sys.exit(main())
