"""slimscale.cluster on processes of this machine: what users meet, and segments that equal the whole."""
import fcntl
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from conftest import ROOT, picture

import slimscale
from slimscale import _core, cluster
from slimscale.cluster import _engines, _run, _video, _work

QUICK = {"model": "edsr_small_x2", "channels": 16}
PHOTOS = ROOT / "samples" / "train"


def command(*arguments, folder=None):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    words = [sys.executable, "-m", "slimscale.cluster", "upscale", *map(str, arguments)]
    return subprocess.Popen(words, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def run(*arguments, folder=None):
    process = command(*arguments, "-m", "edsr_small_x2", "-c", "16", folder=folder)
    out, err = process.communicate(timeout=100)
    return process.returncode, out, err


def tool(name, *arguments):
    """Runs a command of the command-line tool, or skips the rest of the test."""
    program = os.environ.get("SLIMSCALE_TOOL", "")
    if not os.path.exists(program):
        pytest.skip("no command-line tool to compare with")
    subprocess.run([program, name, "-q", "-m", "edsr_small_x2", "-w", "16", *arguments], check=True)


def y4m(path, frames=7, header="YUV4MPEG2 W32 H18 F30000:1001 Ip A1:1 C420mpeg2 XCOLORRANGE=FULL"):
    with open(path, "wb") as file:
        file.write(header.encode() + b"\n")
        for index in range(frames):
            shade = np.roll(picture(27, 32, 1)[:, :, 0], index, axis=1)
            file.write(b"FRAME Ip\n" if index == 1 else b"FRAME\n")
            file.write(shade.tobytes())
    return path


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Two photos, a damaged one, and a text."""
    folder = tmp_path_factory.mktemp("photos")
    for name in ("red_door.png", "kitchen.png"):
        shutil.copy(PHOTOS / name, folder / name)
    (folder / "damaged.png").write_bytes((PHOTOS / "red_door.png").read_bytes()[:3000])
    (folder / "notes.txt").write_text("no picture")
    return folder


def test_a_folder_from_the_command_line(photos, tmp_path):
    """Each photo as the package makes it; the damaged one is listed; a second run makes nothing again."""
    out = tmp_path / "out"
    code, text, errors = run(photos, out, "--workers", 2)
    assert code == 1, errors
    assert "1 file is no image or video and left out" in errors
    assert f"slimscale: {photos / 'damaged.png'}: damaged or truncated PNG" in errors
    assert f"1 of 3 inputs failed: {photos / 'damaged.png'}\n" in errors
    assert sorted(text.splitlines())[1].startswith(f"{photos / 'red_door.png'} -> {out / 'red_door.png'}: 256x256 to 512x512")
    assert {path.name for path in out.iterdir()} == {"kitchen.png", "red_door.png", _run.STATE}
    upscaler = _core.FileUpscaler("edsr_small_x2", 0, [16], "auto", 1, 0, "auto")
    expected, _ = upscaler.picture((photos / "kitchen.png").read_bytes(), "png", 95)
    assert (out / "kitchen.png").read_bytes() == expected

    written = (out / "kitchen.png").stat().st_mtime_ns
    again = cluster.upscale(photos, out, **QUICK)
    assert (out / "kitchen.png").stat().st_mtime_ns == written
    assert len(again.already) == 2 and list(again.failed) == [str(photos / "damaged.png")] and not again.done

    # Results of two settings are not mixed, unless all are made again.
    code, _, errors = run(photos, out, "--quality", 80)
    assert code == 2 and "has results of other settings (quality 95 instead of 80)" in errors and errors.count("\n") == 2
    replaced = cluster.upscale(photos, out, **QUICK, quality=80, overwrite=True)
    assert len(replaced.done) == 2 and (out / "kitchen.png").stat().st_mtime_ns > written
    assert len(cluster.upscale(photos, out, **QUICK, quality=80).already) == 2


def test_a_photo_is_as_the_tool_makes_it(photos, tmp_path):
    cluster.upscale(photos / "kitchen.png", tmp_path / "out", **QUICK)
    tool("upscale", photos / "kitchen.png", tmp_path / "tool.png")
    assert (tmp_path / "out" / "kitchen.png").read_bytes() == (tmp_path / "tool.png").read_bytes()


def test_an_interrupted_overwrite_goes_on(photos, tmp_path):
    """What is older than the start of the overwriting run counts as absent."""
    cluster.upscale(photos / "kitchen.png", tmp_path, **QUICK)
    folder = _run.Folder(tmp_path)
    folder.settle({"model": "other"}, overwrite=True)
    assert not folder.has(tmp_path / "kitchen.png")
    _run.write_whole(tmp_path / "kitchen.png", b"new")
    assert folder.has(tmp_path / "kitchen.png")
    folder.close()


def test_one_run_at_a_time(photos, tmp_path):
    (tmp_path / _run.STATE).mkdir()
    with open(tmp_path / _run.STATE / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        lock.write("process 7 on other")
        lock.flush()
        code, out, errors = run(photos / "kitchen.png", tmp_path)
    assert code == 2 and "another run writes there (process 7 on other)" in errors and out == ""


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["none/", "out"], 2, "none/: no such file or folder"),
        (["photo.png", "photo.png"], 2, "photo.png: the output must be a folder"),
        (["photo.png", "out", "-m", "no_such"], 3, "no_such"),
        (["photo.png", "out", "-c", "17"], 3, "17"),
        (["photo.png", "out", "--memory", "much"], 2, "'much' is no size"),
        (["photo.png", "out", "--codec-options", "crf"], 2, "KEY=VALUE"),
        (["photo.png", "out", "--address", "127.0.0.1:1"], 3, "Ray"),
        (["photo.png", "out", "--address", "ray://127.0.0.1:10001"], 3, "ray://127.0.0.1:10001: Ray's client is not used"),
        (["photo.png", "out", "--address", "auto", "--workers", "2"], 2, "--workers"),
    ],
)
def test_refusals_are_one_line(tmp_path, arguments, code, sentence):
    shutil.copy(PHOTOS / "kitchen.png", tmp_path / "photo.png")
    process = command(*arguments, folder=tmp_path)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == code, errors
    assert errors.startswith("slimscale: ") and errors.count("\n") == 1 and sentence in errors and out == ""
    assert not (tmp_path / "out").exists()


def test_a_trained_file_travels(photos, tmp_path, monkeypatch):
    """Workers get the file's content: the path, relative here, means nothing to another machine."""
    model = next(m for m in slimscale.models() if m.name == "edsr_small_x2")
    shutil.copy(model.file, tmp_path / "mine.safetensors")
    monkeypatch.chdir(tmp_path)
    cluster.upscale(photos / "kitchen.png", "a", model="mine.safetensors", channels=16)
    cluster.upscale(photos / "kitchen.png", "b", **QUICK)
    assert (tmp_path / "a/kitchen.png").read_bytes() == (tmp_path / "b/kitchen.png").read_bytes()


def children(process):
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == process.pid and b"spawn_main" in (entry.parent / "cmdline").read_bytes():
            found.append(int(entry.parent.name))
    return found


def wait_for(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_killed_worker_and_an_interrupted_run(tmp_path):
    """A worker is killed, then the run is stopped and started again: the result is that of an unbroken run."""
    clip = y4m(tmp_path / "clip.y4m", frames=120)
    whole = cluster.upscale(clip, tmp_path / "whole", **QUICK, segment=120, workers=1)
    assert not whole.failed
    arguments = (clip, tmp_path / "out", "-m", "edsr_small_x2", "-c", "16", "--segment", "4", "--workers", "2")
    parts = lambda: list((tmp_path / "out").glob(f"{_run.STATE}/parts/*/0*"))  # noqa: E731
    process = command(*arguments)
    wait_for(lambda: len(parts()) >= 2)
    before = len(parts())
    os.kill(children(process)[0], signal.SIGKILL)
    wait_for(lambda: len(parts()) >= before + 4)
    workers = children(process)
    process.send_signal(signal.SIGTERM)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and errors == "slimscale: stopped after 0 of 1; the same command goes on from there\n"
    wait_for(lambda: not any(os.path.exists(f"/proc/{worker}") for worker in workers))
    kept = len(parts())
    assert kept < 30 and not (tmp_path / "out" / "clip.y4m").exists()
    process = command(*arguments)
    out, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert f"in {30 - kept} segments" in out
    assert (tmp_path / "out/clip.y4m").read_bytes() == (tmp_path / "whole/clip.y4m").read_bytes()
    assert not parts()


def lethal(settings, number):
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    time.sleep(0.05)
    return number


def test_a_piece_that_kills_its_workers():
    """It fails after some attempts, and no other one does."""
    settings = _work.Settings("edsr_small_x2", None, 16, 0, "auto", 1, 0, "auto")
    pool = _engines.LocalPool(settings, 2)
    for number in range(8):
        pool.submit(_engines.Piece(number, lethal, (number,)))
    found = {}
    while len(found) < 8:
        found.update(pool.wait(1))
    pool.stop()
    assert isinstance(found.pop(3), _work.Failure) and found == {n: n for n in range(8) if n != 3}


def test_y4m_is_as_the_tool_makes_it(tmp_path):
    clip = y4m(tmp_path / "clip.y4m")
    cluster.upscale(tmp_path, tmp_path / "out", **QUICK, segment=3)
    data = (tmp_path / "out" / "clip.y4m").read_bytes()
    assert data.startswith(b"YUV4MPEG2 W64 H36 F30000:1001 Ip A1:1 C420mpeg2 XCOLORRANGE=FULL\nFRAME\n")
    assert data.count(b"FRAME") == 7 and data.count(b"FRAME Ip\n") == 1
    tool("video", clip, tmp_path / "tool.y4m")
    assert data == (tmp_path / "tool.y4m").read_bytes()


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (lambda data: data[:-5], "ends within frame 7"),
        (lambda data: data.replace(b"FRAME Ip", b"FRAMING!"), "no frame 2"),
        (lambda data: data.replace(b" Ip ", b" It "), "interlaced"),
        (lambda data: b"", "empty"),
    ],
)
def test_damaged_y4m(tmp_path, damage, sentence):
    clip = y4m(tmp_path / "clip.y4m")
    clip.write_bytes(damage(clip.read_bytes()))
    summary = cluster.upscale(clip, tmp_path / "out", **QUICK)
    assert sentence in summary.failed[str(clip)]
    assert not (tmp_path / "out" / "clip.y4m").exists()


def test_a_link_to_nothing(tmp_path):
    (tmp_path / "in").mkdir()
    clip = tmp_path / "in" / "clip.y4m"
    clip.symlink_to("nothing")
    summary = cluster.upscale(tmp_path / "in", tmp_path / "out", **QUICK)
    assert summary.failed == {str(clip): "No such file or directory"}


def test_results_through_links(photos, tmp_path):
    """A link in the output folder stays, and what it leads to is made or replaced, with its permissions."""
    (tmp_path / "in").mkdir()
    shutil.copy(photos / "kitchen.png", tmp_path / "in")
    y4m(tmp_path / "in" / "clip.y4m")
    cluster.upscale(tmp_path / "in", tmp_path / "plain", **QUICK)
    out, disk = tmp_path / "out", tmp_path / "disk"
    out.mkdir()
    disk.mkdir()
    (disk / "picture").write_text("older")
    (disk / "picture").chmod(0o640)
    (out / "kitchen.png").symlink_to("../disk/picture")
    (out / "clip.y4m").symlink_to(disk / "video")
    summary = cluster.upscale(tmp_path / "in", out, **QUICK, overwrite=True)
    assert not summary.failed and len(summary.done) == 2
    assert os.readlink(out / "kitchen.png") == "../disk/picture" and os.readlink(out / "clip.y4m") == str(disk / "video")
    assert (disk / "picture").read_bytes() == (tmp_path / "plain" / "kitchen.png").read_bytes()
    assert (disk / "video").read_bytes() == (tmp_path / "plain" / "clip.y4m").read_bytes()
    assert (disk / "picture").stat().st_mode & 0o777 == 0o640
    assert {path.name for path in disk.iterdir()} == {"picture", "video"}
    assert len(cluster.upscale(tmp_path / "in", out, **QUICK).already) == 2


def test_long_names(photos, tmp_path):
    """Of 250 letters, where file systems allow 255: what is added while a file is written must fit."""
    names = ["n" * 246 + ".png", "n" * 246 + ".y4m"]
    (tmp_path / "in").mkdir()
    shutil.copy(photos / "kitchen.png", tmp_path / "in" / names[0])
    y4m(tmp_path / "in" / names[1])
    summary = cluster.upscale(tmp_path / "in", tmp_path / "out", **QUICK)
    assert not summary.failed
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == sorted([*names, _run.STATE])


def test_nothing_is_left_of_a_result_that_fails(photos, tmp_path):
    """As on a full disk: the parts of the video fit, the whole does not, nor does the picture. Then there is room."""
    (tmp_path / "in").mkdir()
    picture = shutil.copy(photos / "kitchen.png", tmp_path / "in")
    clip = y4m(tmp_path / "in" / "clip.y4m")
    out = tmp_path / "out"
    out.mkdir()
    (out / "clip.y4m").write_text("older")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, limits[1]))
    try:
        summary = cluster.upscale(tmp_path / "in", out, **QUICK, segment=1, overwrite=True)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert summary.failed == {str(source): f"{out / Path(source).name}: cannot write it: File too large" for source in (picture, clip)}
    assert {path.name for path in out.iterdir()} == {"clip.y4m", _run.STATE}
    assert (out / "clip.y4m").read_text() == "older"
    (parts,) = (out / _run.STATE / "parts").iterdir()
    assert sorted(path.name for path in parts.iterdir()) == [*(f"{number:06d}" for number in range(7)), "of"]
    (out / "clip.y4m").unlink()
    assert len(cluster.upscale(tmp_path / "in", out, **QUICK, segment=1).done) == 2
    assert {path.name for path in out.iterdir()} == {"kitchen.png", "clip.y4m", _run.STATE} and not parts.exists()


def test_a_failure_names_any_file():
    """Also one whose name is not UTF-8."""
    with pytest.raises(slimscale.Error, match="cannot write into its folder") as caught:
        _core.FileWriter(b"/nowhere/\xff.png")
    assert str(caught.value).startswith(os.fsdecode(b"/nowhere/\xff.png: "))


def test_names_of_results(tmp_path):
    folder = tmp_path / "in"
    (folder / "sub").mkdir(parents=True)
    for name in ("a.avi", "a.mkv", "b.MP4", "sub/c.mov", ".hidden.mp4"):
        (folder / name).write_bytes(b"")
    names = lambda recursive: [str(job.output.relative_to(tmp_path)) for job in _run.list_jobs([str(folder)], tmp_path / "out", recursive, "", "")[0]]  # noqa: E731
    assert names(False) == ["out/a.mkv", "out/a.mkv.mkv", "out/b.MP4"]
    assert names(True) == ["out/a.mkv", "out/a.mkv.mkv", "out/b.MP4", "out/sub/c.mov"]


def test_pictures_beside_videos(tmp_path):
    """A folder of videos alone is none that fails, and what is wrong with pictures is told even so."""
    for name in ("clips/a.y4m", "clips/notes.txt", "one/b.png", "two/b.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"")
    clips, one, two = (str(tmp_path / name) for name in ("clips", "one", "two"))
    jobs, others = _run.list_jobs([clips, one], tmp_path / "out", False, "", "")
    assert [job.output.name for job in jobs] == ["b.png", "a.y4m"] and others == 1
    with pytest.raises(_run.Usage, match="would both be"):
        _run.list_jobs([clips, one, two, two], tmp_path / "out", False, "", "")


# ---- PyAV ------------------------------------------------------------------------------------------------------------


def test_decoding_times():
    """In the order of decoding, ascending, never later than shown, as far apart as the frames."""
    assert _video.decoding_times([0, 40, 80]) == [0, 40, 80]
    assert _video.decoding_times([0, 80, 40, 200, 120]) == [-40, 0, 40, 80, 120]
    times = [0, 400, 100, 40, 300, 900, 700]
    decoding = _video.decoding_times(times)
    assert decoding == sorted(set(decoding)) and all(early <= shown for early, shown in zip(decoding, times))


def make(av, path, codec, options, times, time_base, pix_fmt="yuv420p", audio="", size=(32, 24)):
    """A clip whose frames differ, shown at the given times."""
    with av.open(str(path), "w") as sink:
        stream = sink.add_stream(codec, rate=25, options=options)
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        stream.codec_context.time_base = stream.time_base = time_base
        stream.codec_context.sample_aspect_ratio = Fraction(4, 3)
        stream.codec_context.color_primaries = stream.codec_context.color_trc = stream.codec_context.colorspace = 1
        sound = sink.add_stream(audio, rate=48000, layout="mono") if audio else None
        sink.metadata["title"] = "a clip"
        for index, time_ in enumerate(times):
            frame = av.VideoFrame.from_ndarray(np.roll(picture(size[1], size[0]), index, axis=1), format="rgb24")
            frame = frame.reformat(format=pix_fmt, dst_colorspace="ITU709")
            frame.pts, frame.time_base = time_, time_base
            frame.colorspace = frame.color_primaries = frame.color_trc = 1
            sink.mux(stream.encode(frame))
        sink.mux(stream.encode())
        if sound:
            for index in range(25):
                tone = av.AudioFrame.from_ndarray(np.sin(np.arange(1024) / 9 + index)[None].astype(np.float32) / 2, "fltp", "mono")
                tone.sample_rate, tone.pts, tone.time_base = 48000, index * 1024, Fraction(1, 48000)
                sink.mux(sound.encode(tone))
            sink.mux(sound.encode())
    return path


def frames_of(av, path):
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


def packets_of(av, path, kind):
    with av.open(str(path)) as container:
        stream = next(s for s in container.streams if s.type == kind)
        return [(p.pts * p.time_base, bytes(p)) for p in container.demux(stream) if p.size]


UNEVEN = [index * 512 + (index % 3) * 100 + (3000 if index > 20 else 0) for index in range(40)]
EVEN = [index * 40 for index in range(40)]
CLIPS = {
    "open_groups.mp4": ("libx264", {"bf": "3", "g": "12", "x264-params": "open-gop=1"}, UNEVEN, Fraction(1, 12800), "yuv420p", "aac"),
    "one_group.mkv": ("libx264", {"bf": "2", "g": "1000"}, EVEN, Fraction(1, 1000), "yuv420p", ""),
    "bit_by_bit.mp4": ("libx264", {"x264-params": "intra-refresh=1:keyint=8:bframes=0"}, EVEN, Fraction(1, 1000), "yuv420p", ""),
    "ten_bits.mov": ("libx265", {"x265-params": "log-level=error:keyint=10"}, EVEN, Fraction(1, 1000), "yuv420p10le", ""),
    "broadcast.ts": ("mpeg2video", {"bf": "2", "g": "9"}, list(range(40)), Fraction(1, 25), "yuv420p", "mp2"),
    "hidden.webm": ("libvpx", {"auto-alt-ref": "1", "lag-in-frames": "10", "g": "15"}, EVEN, Fraction(1, 1000), "yuv420p", ""),
}


@pytest.mark.parametrize("name", CLIPS)
def test_segments_equal_the_whole(tmp_path, name):
    """Encoded without loss, the frames of all segments are those of the whole video, at their times; other tracks are the
    same bytes."""
    av = pytest.importorskip("av")
    codec, options, times, time_base, pix_fmt, audio = CLIPS[name]
    clip = make(av, tmp_path / name, codec, options, times, time_base, pix_fmt, audio)
    summary = cluster.upscale(clip, tmp_path / "out", **QUICK, segment=8, codec="ffv1", workers=2)
    assert not summary.failed, summary.failed
    (result,) = (path for path in (tmp_path / "out").iterdir() if path.is_file())
    upscaler = slimscale.Upscaler("edsr_small_x2", channels=16, threads=1)
    small, large = frames_of(av, clip), frames_of(av, result)
    assert len(large) == len(small) == 40
    for one, two in zip(small, large):
        expected = upscaler.upscale_frame(one)
        assert round(one.time * 1000) == round(two.time * 1000)
        assert (two.width, two.height, two.format.name) == (64, 48, expected.format.name)
        assert (int(two.colorspace), int(two.color_range)) == (int(expected.colorspace), int(expected.color_range))
        for plane, wanted in zip(two.planes, expected.planes):
            rows, size = (wanted.height, wanted.width * (2 if "10" in pix_fmt else 1))
            got, want = (np.frombuffer(p, np.uint8)[: rows * p.line_size].reshape(rows, -1)[:, :size] for p in (plane, wanted))
            np.testing.assert_array_equal(got, want)
    if audio:
        assert [data for _, data in packets_of(av, clip, "audio")] == [data for _, data in packets_of(av, result, "audio")]


def test_what_an_mp4_keeps(tmp_path):
    """Time stamps of variable rate, duration, audio, color, aspect, title, rotation."""
    av = pytest.importorskip("av")
    plain = make(av, tmp_path / "plain.mp4", *CLIPS["open_groups.mp4"])
    clip = tmp_path / "clip.mp4"
    with av.open(str(plain)) as source, av.open(str(clip), "w") as sink:
        streams = {s.index: sink.add_stream_from_template(s) for s in source.streams}
        streams[0].set_display_rotation(90)
        for packet in source.demux():
            if packet.size:
                packet.stream = streams[packet.stream_index]
                sink.mux(packet)
        sink.metadata["title"] = "a clip"
    summary = cluster.upscale(clip, tmp_path / "out", **QUICK, segment=8)
    assert not summary.failed, summary.failed
    result = tmp_path / "out" / "clip.mp4"
    one, two = (sorted(time_ for time_, _ in packets_of(av, path, "video")) for path in (clip, result))
    assert one == two
    assert packets_of(av, clip, "audio") == packets_of(av, result, "audio")
    with av.open(str(clip)) as source, av.open(str(result)) as made:
        small, large = source.streams.video[0], made.streams.video[0]
        assert abs(small.duration * small.time_base - large.duration * large.time_base) < 0.001
        assert large.codec_context.codec.canonical_name == "h264" and large.sample_aspect_ratio == Fraction(4, 3)
        context = large.codec_context
        assert (context.color_primaries, context.color_trc, context.colorspace, context.color_range) == (1, 1, 1, 1)
    assert frames_of(av, clip)[0].rotation == frames_of(av, result)[0].rotation != 0
    close = [np.abs(a.to_ndarray(format="gray").astype(int) - b.reformat(32, 24, "gray").to_ndarray().astype(int)).mean() for a, b in zip(frames_of(av, clip), frames_of(av, result))]
    assert max(close) < 12, close


def test_a_video_through_a_link(tmp_path):
    av = pytest.importorskip("av")
    clip = make(av, tmp_path / "clip.mkv", *CLIPS["one_group.mkv"])
    result = tmp_path / "out" / "clip.mkv"
    result.parent.mkdir()
    result.symlink_to("../result")
    summary = cluster.upscale(clip, tmp_path / "out", **QUICK)
    assert not summary.failed, summary.failed
    assert result.is_symlink() and len(frames_of(av, tmp_path / "result")) == 40
    assert not list((tmp_path / "out" / _run.STATE / "parts").iterdir())


def test_videos_that_are_refused(tmp_path):
    """Each in one sentence, and nothing is left behind."""
    av = pytest.importorskip("av")
    clip = make(av, tmp_path / "good.mkv", *CLIPS["one_group.mkv"])
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "text.mp4").write_text("no video")
    (folder / "cut.mkv").write_bytes(clip.read_bytes()[: clip.stat().st_size // 2])
    make(av, folder / "interlaced.mp4", "libx264", {"flags": "+ilme+ildct", "x264-params": "tff=1"}, EVEN, Fraction(1, 1000))
    make(av, folder / "alpha.mkv", "ffv1", {}, EVEN[:5], Fraction(1, 1000), "yuva420p")
    summary = cluster.upscale(folder, tmp_path / "out", **QUICK)
    told = {Path(name).name: sentence for name, sentence in summary.failed.items()}
    assert "no video that FFmpeg reads" in told["text.mp4"]
    assert "interlaced" in told["interlaced.mp4"]
    assert "cut off" in told["cut.mkv"] or "damaged" in told["cut.mkv"]
    assert "'yuva420p' is no pixel format" in told["alpha.mkv"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {_run.STATE}


def test_a_clip_with_transparency(tmp_path):
    """VP9 keeps it beside the pictures, where FFmpeg's decoder leaves it: it is said, and the result claims none."""
    av = pytest.importorskip("av")
    clip = make(av, tmp_path / "alpha.webm", "libvpx-vp9", {}, EVEN[:10], Fraction(1, 1000), "yuva420p")
    with av.open(str(clip)) as container:
        assert container.streams.video[0].metadata["alpha_mode"] == "1"
    code, _, errors = run(clip, tmp_path / "out", "--codec", "ffv1")
    assert code == 0 and errors == f"slimscale: {clip}: its transparency is left out\n"
    code, _, errors = run(clip, tmp_path / "webm")
    assert code == 0 and errors == f"slimscale: {clip}: its transparency is left out\n"
    for result in (tmp_path / "out" / "alpha.mkv", tmp_path / "webm" / "alpha.webm"):
        with av.open(str(result)) as container:
            assert "alpha_mode" not in {key.lower() for key in container.streams.video[0].metadata}
        assert len(frames_of(av, result)) == 10


def test_without_pyav(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "av", None)
    (tmp_path / "clip.mp4").write_bytes(b"video")
    summary = cluster.upscale(tmp_path / "clip.mp4", tmp_path / "out", **QUICK)
    assert "pip install 'slimscale[video]'" in summary.failed[str(tmp_path / "clip.mp4")]
