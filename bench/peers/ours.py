"""Builds slimscale's side: a model archive by slimscale_generate, and run_ours linked with it."""
import os
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def build(build_folder, weights, name, widths, target, folder, plain_tail=False):
    """Returns the program. `weights` is a file of ours; all widths are slices of it in one archive."""
    generate, library = build_folder / "bin" / "slimscale_generate", build_folder / "lib" / "libslimscale.a"
    for needed in (generate, library):
        if not needed.exists():
            raise RuntimeError(f"{needed} is missing: run `make build` first, or leave slimscale out of --engines")
    folder.mkdir(parents=True, exist_ok=True)
    check([generate, "model", "--model", weights, "--name", name, "--widths", ",".join(map(str, widths)),
           "--targets", target, "--out", folder, "--cache", build_folder / "peers" / "cache",
           *(["--plain-tail"] if plain_tail else [])])
    program = folder / f"run_{name}"
    check([os.environ.get("CC", "cc"), "-O2", "-std=c11", "-D_POSIX_C_SOURCE=200809L",
           f"-DSLIMSCALE_MODEL=slimscale_model_{name}", f"-I{ROOT / 'runtime' / 'include'}", HERE / "run_ours.c",
           folder / f"libslimscale_model_{name}.a", library, "-lpthread", "-lm", "-ldl", "-o", program])
    return program


def check(command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise RuntimeError(f"{Path(command[0]).name} failed: {lines[-1] if lines else done.returncode}")
