"""slimscale.cluster on a Ray cluster of two nodes of this machine. Run by `make test-all`, whose environment has Ray."""
import shutil
import threading
import time

import pytest
import test_cluster
from test_cluster import CLIPS, PHOTOS, QUICK, make, y4m

import slimscale
from slimscale import cluster
from slimscale.cluster import _run

ray = pytest.importorskip("ray")
SEPARATE = {"num_cpus": 1, "object_store_memory": 10**8}


@pytest.fixture
def nodes(tmp_path, monkeypatch):
    """A Ray cluster whose head, which the program runs on, has one processor."""
    from ray.cluster_utils import Cluster

    monkeypatch.setenv("RAY_USAGE_STATS_ENABLED", "0")
    found = Cluster(initialize_head=True, head_node_args={**SEPARATE, "include_dashboard": False})
    yield found
    ray.shutdown()
    found.shutdown()


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """Photos, one of them damaged, and a clip in 30 segments."""
    folder = tmp_path_factory.mktemp("in")
    for photo in sorted(PHOTOS.glob("*.png")):
        shutil.copy(photo, folder / photo.name)
    (folder / "damaged.png").write_bytes((PHOTOS / "red_door.png").read_bytes()[:3000])
    y4m(folder / "clip.y4m", frames=240)
    return folder


def command(nodes, *arguments):
    return test_cluster.command(*arguments, "-m", "edsr_small_x2", "-c", "16", "--address", nodes.address)


def results(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}


def test_a_node_is_killed(nodes, inputs, tmp_path):
    """Its pieces run again on the other node, and the results are those of this machine's processes."""
    second = nodes.add_node(**SEPARATE)
    nodes.wait_for_nodes()
    process = command(nodes, inputs, tmp_path / "out", "--segment", "8")
    killer_done = threading.Event()

    def kill():
        while len(list((tmp_path / "out").glob(f"{_run.STATE}/parts/*/0*"))) < 3:
            time.sleep(0.05)
        nodes.remove_node(second, allow_graceful=False)
        killer_done.set()

    threading.Thread(target=kill, daemon=True).start()
    out, errors = process.communicate(timeout=300)
    assert process.returncode == 1, errors
    assert killer_done.is_set()
    assert "1 of 8 inputs failed" in errors and "damaged.png: damaged or truncated PNG" in errors
    assert out.count(" -> ") == 7 and out.count("\n") == 7  # and none of Ray's own words
    local = cluster.upscale(inputs, tmp_path / "local", **QUICK)
    assert len(local.done) == 7
    assert results(tmp_path / "out") == results(tmp_path / "local")


def test_a_machine_without_the_package(nodes, inputs, tmp_path):
    """It is named, and the work goes on without it."""
    broken = tmp_path / "broken" / "slimscale"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'slimscale'\")")
    nodes.add_node(**SEPARATE, env_vars={"PYTHONPATH": str(broken.parent)})
    nodes.wait_for_nodes()
    process = command(nodes, inputs / "kitchen.png", inputs / "red_door.png", inputs / "clip.y4m", tmp_path / "out")
    _, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert errors.endswith(": slimscale is not installed there; the work goes on without it\n") and errors.count("\n") == 1
    assert set(results(tmp_path / "out")) == {"kitchen.png", "red_door.png", "clip.y4m"}


def test_an_mp4_and_a_file_of_the_model(nodes, tmp_path, monkeypatch):
    """Neither the folders nor the model's file are known to the workers, whose working folder is another one. Encoded by
    ffv1: libx264's choices depend on memory that it does not initialise."""
    av = pytest.importorskip("av")
    monkeypatch.chdir(tmp_path)
    model = next(m for m in slimscale.models() if m.name == "edsr_small_x2")
    shutil.copy(model.file, "mine.safetensors")
    make(av, "clip.mp4", *CLIPS["open_groups.mp4"])
    for name, address in (("local", ""), ("out", nodes.address)):
        summary = cluster.upscale(
            "clip.mp4", name, model="mine.safetensors", channels=16, segment=8, codec="ffv1", address=address
        )
        assert not summary.failed, summary.failed
    assert results(tmp_path / "out") == results(tmp_path / "local")


def test_too_many_threads(nodes, inputs, tmp_path):
    process = command(nodes, inputs, tmp_path / "out", "--threads", "3")
    _, errors = process.communicate(timeout=120)
    assert process.returncode == 3 and "no machine of the cluster has 3 CPUs" in errors and errors.count("\n") == 1
