"""The installed package: types, the page's examples, the example program."""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

import slimscale

PACKAGE = Path(slimscale.__file__).resolve().parent


def run(code, folder, *arguments):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    done = subprocess.run([sys.executable, *arguments], input=code, cwd=folder, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_examples_of_the_page(tmp_path):
    """Runs all blocks of python/README.md as one program, in a folder with the files that they name."""
    pytest.importorskip("PIL")
    pytest.importorskip("av")
    pytest.importorskip("onnx")
    shutil.copy(ROOT / "samples" / "train" / "red_door.png", tmp_path / "photo.png")
    blocks = re.findall(r"^```python\n(.*?)^```", (ROOT / "python" / "README.md").read_text(), re.M | re.S)
    assert len(blocks) >= 6
    run("\n".join(blocks), tmp_path, "-")
    assert (tmp_path / "photo_x2.png").exists()


def test_the_example_program(tmp_path):
    image = pytest.importorskip("PIL.Image")
    shutil.copy(ROOT / "samples" / "train" / "red_door.png", tmp_path / "photo.png")
    text = run("", tmp_path, str(ROOT / "examples" / "python_pictures.py"), "photo.png", "pictures", "--quick")
    assert "64 channels" in text
    names = {path.name for path in (tmp_path / "pictures").iterdir()}
    assert names == {"channels.png", "difference.png", "layouts.png"}
    for name in names:
        assert image.open(tmp_path / "pictures" / name).size[0] > 200


def test_types(tmp_path):
    """mypy accepts a right program that uses the package, strictly, and finds the mistakes of a wrong one."""
    pytest.importorskip("mypy")
    assert (PACKAGE / "py.typed").exists() and (PACKAGE / "_core.pyi").exists()
    right = tmp_path / "right.py"
    right.write_text(
        "import numpy as np\nimport slimscale\n"
        'upscaler = slimscale.Upscaler("edsr_small_x2", channels="auto", deadline_ms=20)\n'
        "report: slimscale.Report | None = upscaler.last_report\n"
        "times: dict[int, float] = upscaler.predict(640, 360)\n"
        "frame = upscaler.upscale_yuv(np.zeros((27, 26), np.uint8))\n"
        'score: float = slimscale.evaluate("edsr_small_x2", "photo.png").images[0].bicubic.y.psnr\n'
    )
    wrong = tmp_path / "wrong.py"
    wrong.write_text('import slimscale\nslimscale.Upscaler(3.5)\nslimscale.models()[0].scale + "2"\n')
    command = [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path / "cache")]
    good = subprocess.run([*command, str(right)], cwd=tmp_path, capture_output=True, text=True)
    assert good.returncode == 0, good.stdout
    bad = subprocess.run([*command, str(wrong)], cwd=tmp_path, capture_output=True, text=True)
    assert "wrong.py:2" in bad.stdout and "wrong.py:3" in bad.stdout


def test_every_name_is_documented():
    for name in slimscale.__all__:
        value = getattr(slimscale, name)
        assert name == "__version__" or (value.__doc__ or "").strip(), name
    for name, value in vars(slimscale.Upscaler).items():
        documented = not callable(value) or name.startswith("_") or value.__doc__
        assert documented, name
