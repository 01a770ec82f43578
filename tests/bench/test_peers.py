"""bench/peers, as far as it needs none of the engines."""
import struct
from pathlib import Path

import numpy as np
import pytest

import pictures
import quality
import quantized
import report
import timing


def row(engine, precision, p50, channels=16):
    return {"model": "edsr_small", "channels": channels, "input": "128x128", "engine": engine, "version": "1.0",
            "precision": precision, "p50_ms": p50, "max_abs_diff": 2.5, "mean_abs_diff": 0.25, "psnr_db": 45.0,
            "psnr_loss_db": 0.0123}


ROWS = [row("openvino", "f32", 4), row("openvino", "bf16", 3), row("openvino", "int8", 1.5), row("ncnn", "f32", 2.5),
        row("onnxruntime", "int8", None), row("slimscale", "f32", 2), row("slimscale", "q16", 1)]


def cells(table, heading, line=2):
    lines = [[cell.strip() for cell in each.strip("|").split("|")] for each in table.splitlines()]
    return lines[line][lines[0].index(heading)]


def test_ratios_are_of_the_best_peer_of_a_precision():
    table = report.table(ROWS)
    assert cells(table, "best f32 peer / ours") == "1.25"
    assert cells(table, "best f32 peer / q16") == "2.50"
    assert cells(table, "best bf16 peer / q16") == "3.00"
    assert cells(table, "best int8 peer / q16") == "1.50"
    assert "bf16 peer / ours" not in table
    assert "collapsed" not in table


def test_our_bf16_meets_every_precision_of_the_peers():
    table = report.table([*ROWS, row("slimscale", "bf16", 0.5)])
    assert cells(table, "best f32 peer / our bf16") == "5.00"
    assert cells(table, "best bf16 peer / our bf16") == "6.00"
    assert cells(table, "best int8 peer / our bf16") == "3.00"
    assert cells(table, "best bf16 peer / q16") == "3.00"


def test_collapsed_peers_have_ratios_of_their_own():
    table = report.table([*ROWS, row("ncnn collapsed", "f32", 1), row("ncnn collapsed", "int8", 0.5)])
    assert cells(table, "best f32 peer / ours") == "1.25"
    assert cells(table, "best collapsed f32 peer / ours") == "0.50"
    assert cells(table, "best collapsed int8 peer / q16") == "0.50"


def test_what_was_not_timed_has_no_ratio():
    table = report.table([row("ncnn", "f32", None), row("slimscale", "f32", 2), row("ncnn", "f32", 3, channels=32)])
    assert cells(table, "ncnn 1.0 f32") == "untimed (2.5)"
    assert cells(table, "best f32 peer / ours") == "-"
    assert cells(table, "slimscale 1.0 f32", line=3) == "-"


def test_errors_stand_beside_times():
    table = report.error_table([*ROWS, {**row("ncnn", "bf16", 12), "psnr_loss_db": None}])
    assert table.splitlines()[2] == "| edsr_small | 16 | 128x128 | openvino f32 | 4.00 | 2.5 | 0.25 | 45.0 | 0.0123 |"
    assert table.splitlines()[-1].endswith("| ncnn bf16 | 12.0 | 2.5 | 0.25 | 45.0 | - |")


def test_threads_stand_beside_each_other():
    def threads(count, p50, p99, engine="ncnn"):
        return {**row(engine, "f32", p50), "threads": count, "p99_ms": p99}

    table = report.threads_table([threads(1, 10, 11), threads(1, 5, 5, "slimscale"), threads(4, 12, 18),
                                  {**row("slimscale", "f32", None), "threads": 4}])
    assert table.splitlines()[0] == ("| network | channels | input | engine | p50 ms, 1 | p99 / p50, 1 | p50 ms, 4 | "
                                     "times as long, 4 | p99 / p50, 4 |")
    assert table.splitlines()[2] == "| edsr_small | 16 | 128x128 | ncnn f32 | 10.0 | 1.10 | 12.0 | 1.20 | 1.50 |"
    assert table.splitlines()[3] == "| edsr_small | 16 | 128x128 | slimscale f32 | 5.00 | 1.00 | untimed (2.5) | - | - |"


def test_p99_is_a_frame_that_was_seen():
    engine = timing.Engine.__new__(timing.Engine)
    engine.times = [float(i) for i in range(200, 0, -1)]
    assert engine.p99 == 198
    engine.times = [3.0, 1.0, 2.0]
    assert engine.p99 == 3


def test_errors_are_largest_mean_and_psnr():
    expected = np.zeros((1, 3, 4, 4))
    outputs = expected.copy()
    outputs[0, 1, 2, 1] = -5.1
    found = quality.errors(outputs, expected, None)
    assert found["max_abs_diff"] == pytest.approx(5.1)
    assert found["mean_abs_diff"] == pytest.approx(5.1 / 48)
    assert found["psnr_db"] == pytest.approx(20 * np.log10(255 / 5.1) + 10 * np.log10(48), abs=1e-4)
    assert found["psnr_loss_db"] is None


def test_a_border_is_left_out():
    outputs = np.zeros((1, 1, 5, 5))
    outputs[0, 0, 0, :] = 9
    assert quality.errors(outputs, np.zeros_like(outputs), None, border=1)["max_abs_diff"] == 0


def test_lost_psnr_is_of_rounded_luma():
    original = np.full((2, 3, 8, 8), 100.0)
    expected = original + 10
    found = quality.errors(original + 20.4, expected, original)
    assert found["psnr_loss_db"] == pytest.approx(20 * np.log10(2), abs=1e-4)
    assert quality.errors(expected + 0.4, expected, original)["psnr_loss_db"] == 0  # rounds to the same 8 bits


def test_pictures_are_cut_and_continued_by_mirroring():
    picture = np.arange(12, dtype=np.float32).reshape(1, 3, 4)
    pieces = pictures.cut(picture, 2, 3)
    assert pieces.shape == (4, 1, 2, 3)
    assert pieces[0, 0].tolist() == [[0, 1, 2], [4, 5, 6]]
    assert pieces[1, 0].tolist() == [[3, 3, 2], [7, 7, 6]]
    assert pieces[2, 0].tolist() == [[8, 9, 10], [8, 9, 10]]
    assert pictures.cut(picture, 30, 40).shape == (1, 1, 30, 40)  # larger than the picture and its mirror image


def ncnn_file(folder):
    """conv a -> ReLU'd conv b, whose sum with a goes to the grouped c."""
    layers = ["Input in0 0 1 in0", "Convolution a 1 1 in0 1 0=2 1=1 5=1 6=4", "Split s 1 2 1 2 3",
              "Convolution b 1 1 2 4 0=2 1=1 5=1 6=4 9=1", "Convolution d 1 1 4 5 0=1 1=1 5=0 6=2",
              "ConvolutionDepthWise c 1 1 3 6 0=2 1=1 5=1 6=2 7=2"]
    (folder / "network.ncnn.param").write_text("\n".join(["7767517", "6 7", *layers]) + "\n")
    weights = [(0, [1, -2, 3, 4], [5, 6]), (0, [0.5, 0.25, 0, 0], [7, 8]), (0, [9, 10], []), (0, [11, 12], [13, 14])]
    (folder / "network.ncnn.bin").write_bytes(b"".join(struct.pack(f"<I{len(w + b)}f", tag, *w, *b)
                                                       for tag, w, b in weights))


def test_ncnn_networks_get_scales(tmp_path, monkeypatch):
    ncnn_file(tmp_path)
    monkeypatch.setattr(quantized, "ncnn_ranges", lambda folder, blobs, images: {"in0": 127, "2": 254, "4": 63.5})
    quantized.to_ncnn(tmp_path, [])
    lines = (tmp_path / "network.int8.ncnn.param").read_text().splitlines()
    assert [line.split()[-1] for line in lines if line.startswith("Convolution ")] == ["8=2", "8=102", "8=2"]
    assert lines[-1] == "ConvolutionDepthWise c 1 1 3 6 0=2 1=1 5=1 6=2 7=2"
    floats = np.frombuffer((tmp_path / "network.int8.ncnn.bin").read_bytes(), np.float32)
    assert floats[1:7].tolist() == [1, -2, 3, 4, 5, 6]
    assert floats[7:10].tolist() == [63.5, 31.75, 1]  # per filter, then of the input
    assert floats[17:21].tolist() == [254, pytest.approx(127 / 1e-9), 0.5, 2]  # and of the next one's input
    assert floats[-4:].tolist() == [11, 12, 13, 14]


def test_unknown_weights_are_refused(tmp_path, monkeypatch):
    ncnn_file(tmp_path)
    with open(tmp_path / "network.ncnn.bin", "ab") as weights:
        weights.write(b"\0\0\0\0")
    monkeypatch.setattr(quantized, "ncnn_ranges", lambda folder, blobs, images: dict.fromkeys(blobs, 1.0))
    with pytest.raises(RuntimeError, match="unknown"):
        quantized.to_ncnn(tmp_path, [])


def test_calibration_and_test_are_apart():
    assert Path(pictures.HELD_OUT) not in pictures.files(pictures.CALIBRATION)
    assert len(pictures.files(pictures.CALIBRATION)) == 6
