"""Upscalers: what they open, deadlines, threads, processes, errors."""
import os
import pickle
import threading
import time

import numpy as np
import pytest
from conftest import ROOT, float_target, picture

import slimscale


def test_models():
    models = {model.name: model for model in slimscale.models()}
    assert set(models) >= {"compact_x2", "compact_luma_x2", "edsr_small_x2", "carn_m_x2", "carn_m_x3", "carn_m_x4", "edsr_small_x4"}
    edsr = models["edsr_small_x2"]
    assert (edsr.scale, edsr.colors, edsr.max_channels, edsr.trained) == (2, 3, 64, (16, 32, 48, 64))
    assert any(target.runnable for target in edsr.targets)
    assert edsr.file is not None and slimscale.describe_file(edsr.file).trained == edsr.trained
    assert "nv12" in slimscale.formats() and slimscale.default_threads() >= 1 and slimscale.machine()


def test_channels():
    opened = slimscale.Upscaler("edsr_small_x2")
    assert opened.channels == (16, 32, 48, 64) and opened.scale == 2
    small = picture()
    results = {channels: opened.upscale(small, channels=channels) for channels in opened.channels}
    assert opened.last_report.channels == 64 and opened.last_report.meets_deadline is None
    np.testing.assert_array_equal(opened.upscale(small), results[64])
    assert not np.array_equal(results[16], results[64])
    two = slimscale.Upscaler("edsr_small_x2", channels=[48, 16])
    assert two.channels == (16, 48)
    np.testing.assert_array_equal(two.upscale(small), results[48])
    with pytest.raises(slimscale.UnknownChannels, match="32"):
        two.upscale(small, channels=32)


def test_threads_and_memory_caps_change_nothing():
    small = picture(70, 90)
    plain = slimscale.Upscaler("edsr_small_x2", channels=16).upscale(small)
    for options in ({"threads": 1}, {"threads": 3}, {"memory_cap": 4_000_000}):
        opened = slimscale.Upscaler("edsr_small_x2", channels=16, **options)
        np.testing.assert_array_equal(opened.upscale(small), plain)
    assert slimscale.Upscaler("edsr_small_x2", channels=16, threads=3).threads == 3


def test_deadline(tmp_path):
    path = tmp_path / "edsr.profile"
    opened = slimscale.Upscaler("edsr_small_x2", deadline_ms=1e6, profile=path)
    opened.measure_profile(300)
    assert opened.save_profile() == str(path) and path.exists()
    small = picture(64, 64)
    opened.upscale(small)
    report = opened.last_report
    assert report.channels == 64 and report.meets_deadline and report.predicted_ms > 0 and report.actual_ms > 0
    opened.upscale(small, deadline_ms=1e-3)
    assert opened.last_report.channels == 16 and opened.last_report.meets_deadline is False
    times = opened.predict(640, 360)
    assert list(times) == [64, 48, 32, 16] and times[64] > times[16] > 0
    again = slimscale.Upscaler("edsr_small_x2", profile=path, target=opened.target)  # "auto" might take another one
    # The file rounds times to picoseconds per pixel and nanoseconds per frame.
    assert again.predict(640, 360) == pytest.approx(times, abs=2e-4)
    profile = opened.measure_profile(300)
    assert profile.model == "edsr_small_x2" and {cost.channels for cost in profile.costs} == {16, 32, 48, 64}
    text = profile.to_text()
    assert text.startswith("slimscale profile") and slimscale.Profile.from_text(text).to_text() == text
    given = slimscale.Upscaler("edsr_small_x2", profile=slimscale.Profile.from_text(text), deadline_ms=1e6, percentile=90)
    for one in (given, pickle.loads(pickle.dumps(given))):
        one.upscale(small)
        assert one.last_report.channels == 64 and one.last_report.reason and one.last_report.slowdown > 0
    with pytest.raises(slimscale.InvalidProfile, match="line"):
        slimscale.Profile.from_text("slimscale profile 2\nnonsense\n")
    with pytest.raises(slimscale.InvalidArgument, match="percentile"):
        slimscale.Upscaler("edsr_small_x2", percentile=100)


def test_a_profile_is_measured_once_and_kept(tmp_path, monkeypatch):
    """A second upscaler reads the first one's file and does not change it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    target = slimscale.Upscaler("edsr_small_x2").target

    def run():
        opened = slimscale.Upscaler("edsr_small_x2", channels=[16, 32], deadline_ms=1e6, target=target)
        opened.upscale(picture())
        return opened.predict(640, 360)

    def files():
        found = (tmp_path / "slimscale").glob("edsr_small_x2-*")
        return {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in found}

    times = run()
    kept = files()
    assert len(kept) == 1
    assert run() == pytest.approx(times, abs=2e-4)  # the file's rounding, as above
    assert files() == kept


def test_auto_takes_the_fastest_target_of_a_profile(tmp_path):
    q16 = slimscale.Upscaler("edsr_small_x2", channels=[16, 64], threads=2)
    f32 = slimscale.Upscaler("edsr_small_x2", channels=[16, 64], threads=2, loss_db=0)
    assert set(f32.targets.values()) == {float_target(f32.model)}
    assert q16.target == q16.targets[64] != f32.target, "bundled models are calibrated"
    lines = q16.measure_profile(100).to_text().splitlines()[:3]
    for channels, times in {16: (2000, 1000), 64: (4000, 9000)}.items():
        for target, picoseconds in zip((q16.target, f32.target), times):
            lines.append(f"cost {target} {channels} 2 0 {picoseconds}")
    profile = slimscale.Profile.from_text("\n".join([*lines, "end", ""]))
    both = slimscale.Upscaler("edsr_small_x2", channels=[16, 64], threads=2, profile=profile)
    assert both.targets == {16: f32.target, 64: q16.target}
    small = picture()
    for channels, alone in {16: f32, 64: q16}.items():
        np.testing.assert_array_equal(both.upscale(small, channels=channels), alone.upscale(small, channels=channels))
        assert both.last_report.target == alone.target
    assert both.predict(1000, 1000) == pytest.approx({64: 4, 16: 1})
    path = both.save_profile(tmp_path / "edsr.profile")
    assert slimscale.Upscaler("edsr_small_x2", channels=[16, 64], threads=2, profile=path).targets == both.targets
    assert pickle.loads(pickle.dumps(both)).targets == both.targets
    assert slimscale.Upscaler("edsr_small_x2", channels=64, threads=1, profile=path).target == q16.target
    with pytest.raises(slimscale.InvalidArgument, match="loss_db"):
        slimscale.Upscaler("edsr_small_x2", loss_db=-1)


@pytest.mark.parametrize("deadline", [0, -1, float("nan")])
def test_a_deadline_is_a_time(deadline):
    with pytest.raises(slimscale.InvalidArgument, match="deadline_ms"):
        slimscale.Upscaler("edsr_small_x2", deadline_ms=deadline)


@pytest.mark.parametrize(
    ("arguments", "kind", "status", "words"),
    [
        ({"model": "nosuch"}, slimscale.InvalidArgument, slimscale.Status.INVALID_ARGUMENT, "nosuch.*edsr_small_x2"),
        ({"channels": 24}, slimscale.UnknownChannels, slimscale.Status.UNKNOWN_CHANNELS, "24"),
        ({"channels": "all"}, slimscale.InvalidArgument, slimscale.Status.INVALID_ARGUMENT, "auto"),
        ({"channels": []}, slimscale.InvalidArgument, slimscale.Status.INVALID_ARGUMENT, "auto"),
        ({"target": "sparc"}, slimscale.UnsupportedTarget, slimscale.Status.UNSUPPORTED_TARGET, "sparc"),
        ({"scale": 3}, slimscale.Error, None, "x2"),
        ({"model": "carn_m_x2", "channels": 16}, slimscale.UnknownChannels, slimscale.Status.UNKNOWN_CHANNELS, "16"),
    ],
)
def test_errors(arguments, kind, status, words):
    with pytest.raises(kind, match=words) as error:
        slimscale.Upscaler(**{"model": "edsr_small_x2", **arguments})
    assert error.value.status == status and isinstance(error.value, slimscale.Error)
    copy = pickle.loads(pickle.dumps(error.value))
    assert (type(copy), str(copy), copy.status) == (type(error.value), str(error.value), status)


def test_channels_that_a_file_was_not_trained_at(tmp_path):
    file = next(model.file for model in slimscale.models() if model.name == "compact_luma_x2")
    data, widths = file.read_bytes(), b'"trained_widths":"8 16 32"'
    assert data.count(widths) == 1
    partly = tmp_path / "partly.safetensors"
    partly.write_bytes(data.replace(widths, b'"trained_widths":"8 16"   '))
    assert slimscale.Upscaler(partly).channels == (8, 16)
    with pytest.raises(slimscale.UntrainedChannels, match="32") as error:
        slimscale.Upscaler(partly, channels=32)
    assert error.value.status == slimscale.Status.UNTRAINED_CHANNELS


def test_a_memory_cap_that_is_too_small():
    opened = slimscale.Upscaler("edsr_small_x2", channels=16, memory_cap=1000)
    with pytest.raises(slimscale.OverMemoryCap, match="[0-9]"):
        opened.upscale(picture())


def test_a_trained_file(tmp_path):
    file = next(model.file for model in slimscale.models() if model.name == "edsr_small_x2")
    opened = slimscale.Upscaler(file, channels=16)
    small = picture()
    np.testing.assert_array_equal(opened.upscale(small), slimscale.Upscaler("edsr_small_x2", channels=16).upscale(small))
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(file.read_bytes()[:-9])
    with pytest.raises(slimscale.Error, match="damaged.safetensors"):
        slimscale.Upscaler(damaged)


def test_threads_may_share_an_upscaler():
    """Several threads upscale frames of several sizes at once, and each gets its own result."""
    opened = slimscale.Upscaler("edsr_small_x2", channels=16, threads=2)
    pictures = [picture(10 + 3 * i, 30 - 2 * i) for i in range(4)]
    expected = [opened.upscale(each) for each in pictures]
    faults = []

    def work(index):
        try:
            for turn in range(6):
                i = (index + turn) % len(pictures)
                if not np.array_equal(opened.upscale(pictures[i]), expected[i]):
                    faults.append(f"thread {index}, turn {turn}: another picture")
                if opened.last_report.channels != 16:
                    faults.append("no report")
        except Exception as error:
            faults.append(repr(error))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not faults


def test_the_interpreter_goes_on_during_a_frame():
    """If the interpreter's lock were held, this thread could not count before the frame is done."""
    opened = slimscale.Upscaler("edsr_small_x2", channels=64, threads=1)
    small = picture(300, 400)
    opened.plan(400, 300)
    started = threading.Event()
    done = threading.Event()

    def work():
        started.set()
        opened.upscale(small)
        done.set()

    thread = threading.Thread(target=work)
    thread.start()
    started.wait()
    turns = 0
    while not done.is_set():
        time.sleep(0.001)
        turns += 1
    thread.join()
    assert turns >= 5, f"{turns} turns in {opened.last_report}"


def test_a_copy_for_another_process():
    opened = slimscale.Upscaler("edsr_small_x2", channels=[16, 32], threads=1)
    copy = pickle.loads(pickle.dumps(opened))
    assert copy.channels == (16, 32) and copy.threads == 1
    small = picture()
    np.testing.assert_array_equal(copy.upscale(small), opened.upscale(small))


def test_a_forked_child_is_told_to_open_its_own():
    opened = slimscale.Upscaler("edsr_small_x2", channels=16, threads=2)
    small = picture()
    opened.upscale(small)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            opened.upscale(small)
            os.write(writing, b"it ran")
        except slimscale.Error as error:
            os.write(writing, str(error).encode())
        finally:
            os._exit(0)
    os.close(writing)
    text = os.read(reading, 1000).decode()
    os.waitpid(child, 0)
    os.close(reading)
    assert "each process" in text


def test_versions_agree():
    assert f"project(slimscale VERSION {slimscale.__version__}" in (ROOT / "CMakeLists.txt").read_text()
