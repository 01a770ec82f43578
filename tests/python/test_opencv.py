"""Exported graphs in the OpenCV of PyPI: in its module dnn, and in dnn_superres, which takes a graph of its own."""
import numpy as np
import pytest
from conftest import float_target, picture

import slimscale

cv2 = pytest.importorskip("cv2", reason="OpenCV is not installed")
pytest.importorskip("onnx")


def compiled(name, channels):
    model = next(model for model in slimscale.models() if model.name == name)
    return slimscale.Upscaler(name, channels=channels, target=float_target(model))


def check(result, upscaler, small):
    """Both round floats that agree within 0.01 to 8 bits: one sample in ten thousand may be at the border."""
    differences = np.abs(result.astype(int) - upscaler.upscale(small, order="bgr"))
    assert differences.max() <= 1 and np.mean(differences > 0) <= 1e-4


# This comes first: dnn_superres replaces an operator of dnn for the rest of the process.
def test_dnn_computes_what_the_library_does(tmp_path):
    small = picture(37, 52)
    upscaler = compiled("edsr_small_x2", 16)
    network = cv2.dnn.readNetFromONNX(str(slimscale.export_onnx("edsr_small_x2", 16, tmp_path / "graph.onnx")))
    network.setInput(cv2.dnn.blobFromImage(small, 1 / 255, swapRB=True))
    shares = network.forward()[0].transpose(1, 2, 0)[:, :, ::-1]
    check(np.clip(np.rint(shares * 255), 0, 255), upscaler, small)


@pytest.mark.parametrize(("name", "channels"), [("compact_x2", 16), ("edsr_small_x2", 32), ("carn_m_x2", 64), ("carn_m_x3", 64), ("carn_m_x4", 64)])
def test_dnn_superres_computes_what_the_library_does(name, channels, tmp_path):
    if not hasattr(cv2, "dnn_superres"):
        pytest.skip("this OpenCV lacks dnn_superres, of its contributed modules")
    if tuple(map(int, cv2.__version__.split(".")[:2])) < (5, 1):
        pytest.skip("dnn_superres before OpenCV 5.1 reads TensorFlow's files alone")
    upscaler = compiled(name, channels)
    engine = cv2.dnn_superres.DnnSuperResImpl_create()
    engine.readModel(str(slimscale.export_onnx(name, channels, tmp_path / "graph.onnx", reader="dnn_superres")))
    engine.setModel("edsr", upscaler.scale)
    for size in ((37, 52), (41, 33)):
        small = picture(*size)
        check(engine.upsample(small), upscaler, small)


def test_what_is_no_reader(tmp_path):
    with pytest.raises(slimscale.InvalidArgument, match="dnn_superres"):
        slimscale.export_onnx("edsr_small_x2", 16, tmp_path / "graph.onnx", reader="opencv")
