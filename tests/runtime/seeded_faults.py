#!/usr/bin/env python3
"""Shows that the tests of what the runtime promises can fail: seeds one fault after the other into the sources, builds a
test program, and expects its tests to see the fault.

    tests/runtime/seeded_faults.py                   all of them; half an hour on two cores
    tests/runtime/seeded_faults.py halo width        those whose name holds one of the words
    tests/runtime/seeded_faults.py --check           builds nothing: each fault still fits the sources, and its tests exist

Uses build/, which `tools/build.sh --tests` has configured. A file is as before when its fault has been judged.
"""
import argparse
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 300  # a fault may also make its tests hang


@dataclass
class Fault:
    name: str
    file: str
    sound: str  # occurs once in the file
    faulty: str
    program: str
    tests: str  # of the program; * stands for the rest of a name


FAULTS = [
    # Any size of frame, odd ones and one pixel too.
    Fault("odd sizes: chroma rounds down", "runtime/frames/format.h",
          "pixels / sub + (pixels % sub != 0) : pixels", "pixels / sub : pixels",
          "test_runtime_parts", "frames of every small size*"),
    Fault("odd sizes: what tiles wrote beyond the frame stays", "runtime/cpu/backend.cpp",
          "        clear_sides(row_of(call.e, l, y), l);", "        (void)y;",
          "test_runtime_networks", "compiled networks agree with plain loops*"),
    Fault("odd sizes: the last row of tiles is left out", "runtime/plan/layout.cpp",
          "rows.end = rows.begin + round_up(rows.end - rows.begin, kTileRows);",
          "rows.end = rows.begin + (rows.end - rows.begin) / kTileRows * kTileRows;",
          "test_runtime_networks", "compiled networks agree with plain loops*"),
    # Bands, strips and threads give the bytes of the whole frame.
    Fault("bands: a step lags a row too little", "runtime/plan/layout.cpp",
          "lag = std::max(lag, tensors[step.inputs[k]].lag + facts_of(step).halo);",
          "lag = std::max(lag, tensors[step.inputs[k]].lag + facts_of(step).halo / 2);",
          "test_runtime_networks", "bands of 4*"),
    Fault("bands: rings forget the rows that a residual reads", "runtime/plan/layout.cpp",
          "            if (s.add == t)\n                behind = std::max(behind, reach);\n", "",
          "test_runtime_networks", "bands of 4*"),
    Fault("strips: the second begins off the grid of tiles", "runtime/cpu/backend.cpp",
          "begin = cut_.strips > 1 ? strip * cut_.strip_columns : 0;",
          "begin = cut_.strips > 1 ? strip * cut_.strip_columns + (strip == 1 ? 2 : 0) : 0;",
          "test_runtime_networks", "strips of columns*"),
    Fault("threads: the next stage begins before the last task has ended", "runtime/platform/stages.cpp",
          "left_.fetch_sub(1, std::memory_order_acq_rel) == 1", "left_.fetch_sub(1, std::memory_order_acq_rel) <= 2",
          "test_runtime_parts", "stages follow each other*"),
    # The halo follows from the network.
    Fault("halo: a pixel short in the graph", "networks/walkers.cpp",
          "    return need[0];", "    return need[0] - 1;", "test_networks", "halo,a pixel reaches as far*"),
    Fault("halo: a pixel short in the plan", "runtime/executor/frame_plan.cpp",
          "return (tensors_[last][output].lag + scale - 1) / scale;",
          "return (tensors_[last][output].lag + scale - 1) / scale - 1;",
          "test_runtime_api", "halo_px is the one*"),
    # A memory cap in bytes.
    Fault("memory cap: taken twice", "runtime/executor/frame_plan.cpp",
          "return most && needed_bytes() > most ?", "return most && needed_bytes() > 2 * most ?",
          "test_runtime_api", "a memory cap*"),
    # 10 and 12 bits, NV12 and P010.
    Fault("bits: 10 bits in planes are read as 11", "runtime/frames/formats.inc",
          'SLIMSCALE_PLANAR(I420_10, "i420_10", "yuv420p10le yuv420p10 i420_10le", yuv, u16, 10, 2, 2)',
          'SLIMSCALE_PLANAR(I420_10, "i420_10", "yuv420p10le yuv420p10 i420_10le", yuv, u16, 11, 2, 2)',
          "test_runtime_parts", "every format is*"),
    Fault("bits: P010 is a bit off", "runtime/frames/formats.inc",
          '"p010", "p010le p010_10le", u16, 10, 6,', '"p010", "p010le p010_10le", u16, 10, 5,',
          "test_runtime_parts", "every format is*"),
    Fault("NV12: chroma is exchanged", "runtime/frames/formats.inc",
          '"nv12", "", u8, 8, 0, 2, 2, 0, 1)', '"nv12", "", u8, 8, 0, 2, 2, 1, 0)',
          "test_runtime_parts", "every format is*"),
    # The caller's threads and memory.
    Fault("pool: own threads beside the caller's", "runtime/api/open.cpp",
          "        s.inputs.pool = *o.pool;\n",
          "        s.inputs.pool = *o.pool;\n        s.threads.start(s.allocator, 2, own);\n",
          "test_runtime_api", "the caller's threads*"),
    Fault("allocator: passed over", "runtime/platform/memory.cpp",
          "    data_ = static_cast<unsigned char *>(allocator.allocate(allocator.opaque, bytes, kAlignment));",
          "    data_ = static_cast<unsigned char *>(default_allocator().allocate(nullptr, bytes, kAlignment));",
          "test_runtime_api", "every allocation may fail*"),
    Fault("no allocation: a frame takes memory", "runtime/cpu/backend.cpp",
          "        Call &call = *e_.call;\n",
          "        Call &call = *e_.call;\n        Block extra;\n        extra.allocate(default_allocator(), 100);\n",
          "test_runtime_api", "run allocates nothing*"),
    # Widths by the frame, chosen by time.
    Fault("width switch: the first width stays", "runtime/api/request.cpp",
          "    frame.width_index = index_of_width(s, choice.channels);", "    frame.width_index = 0;",
          "test_runtime_api", "a profile changes nothing*"),
    Fault("width switch: a named width is passed over", "runtime/api/request.cpp",
          "    frame.width_index = widest;", "    frame.width_index = 0;",
          "test_runtime_networks", "switching the width*"),
    Fault("width switch: borders are those of the width before", "runtime/executor/frame_plan.cpp",
          "    if (cleared_for_ != index) {", "    if (cleared_for_ < 0) {",
          "test_runtime_networks", "switching the width*"),
    Fault("budget: taken twice", "runtime/api/choice.cpp",
          "if (ms > in.budget_ms && i > 0)", "if (ms > 2 * in.budget_ms && i > 0)",
          "test_runtime_parts", "the widest width*"),
    Fault("budget: late frames change nothing", "runtime/api/pace.cpp",
          "late_of_three < 2 && late <= left", "late_of_three < 4 && late <= left",
          "test_runtime_parts", "load lowers the channels*"),
    Fault("budget: frames in rows do not count", "runtime/api/api.cpp",
          "        s->pace.ended(now_ms(), s->rows.report.actual_ms);", "        (void)s;",
          "test_runtime_api", "frames in rows hold*"),
    # Frames in flight.
    Fault("cancel: between bands alone", "runtime/cpu/backend.cpp",
          " : e_.watch->check(rows, e_.frame.height, said)) !=", " : SLIMSCALE_OK) !=",
          "test_runtime_api", "a whole frame is cancelled*"),
    Fault("signals: the library's threads take them", "runtime/platform/threads.cpp",
          "    sigfillset(&blocked);", "    sigemptyset(&blocked);",
          "test_runtime_api", "signals to the process*"),
    # The profile of this machine.
    Fault("profile: half of the time", "runtime/api/profile.cpp",
          "        last = now_ms() - before;", "        last = (now_ms() - before) / 2;",
          "test_runtime_api", "a profile holds*"),
    Fault("profile: the first frame counts", "runtime/api/profile.cpp",
          "    if (const slimscale_status status = plan.run(0, in, out, error))  // warm-up\n        return status;\n", "",
          "test_runtime_api", "a profile holds*"),
    Fault("profile: another machine's is taken", "runtime/api/choice.cpp",
          "if (std::strncmp(profile.machine, machine, sizeof profile.machine) != 0)", "if (machine == profile.machine)",
          "test_runtime_parts", "tables of another*"),
    # Weights of strangers.
    Fault("weights: a table may lie behind the blob's end", "contract/blob_view.h",
          "offset <= total && bytes <= total - offset", "offset <= total",
          "weights_test", "Blobs with a faulty field*"),
    # "auto" by a profile, within a loss.
    Fault("auto: any loss is allowed", "runtime/api/targets.cpp",
          "loss_db(type) <= std::max(request.loss_db, 0.0)", "true",
          "test_runtime_q16", "the loss that is allowed*"),
    Fault("auto: a profile decides without a time of the order's first", "runtime/api/targets.cpp",
          "    if (!(least > 0))\n        return nullptr;", "    if (!(least > 0))\n        least = HUGE_VAL;",
          "test_runtime_q16", "a profile replaces only*"),
    Fault("auto: fixed times do not count", "runtime/api/choice.cpp",
          "return (cost.fixed_ns + cost", "return (0 * cost.fixed_ns + cost",
          "test_runtime_q16", "times are compared*"),
    Fault("auto: widths of several targets read one set of filters", "runtime/executor/frame_plan.cpp",
          "e.filters = inputs_.filters[index];", "e.filters = inputs_.filters[0];",
          "test_runtime_q16", "widths on several targets*"),
    Fault("auto: activations of all widths have one size", "runtime/executor/frame_plan.cpp",
          "contract::type_of(*inputs_.targets[index])", "contract::type_of(*inputs_.targets[0])",
          "test_runtime_q16", "widths on several targets*"),
]


def names_of_tests(program):
    """Those of all sources of tests, since CMake alone knows which belong to the program."""
    folder = {"test_networks": "networks", "weights_test": "weights"}.get(program, "runtime")
    text = "\n".join(path.read_text() for path in (ROOT / "tests" / folder).glob("*.cpp"))
    return re.findall(r'TEST_CASE\(\s*"([^"]+)"', text)


def unfit(fault):
    """Why the fault cannot be seeded, or None."""
    found = (ROOT / fault.file).read_text().count(fault.sound)
    if found != 1:
        return f"{fault.file} has the sound line {found} times"
    names = names_of_tests(fault.program)
    for test in fault.tests.split(","):
        if not any(name == test or test.endswith("*") and name.startswith(test[:-1]) for name in names):
            return f"{fault.program} has no test '{test}'"
    return None


def run(command):
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, errors="replace")


def judge(fault, build):
    """What became of the fault: "seen", or what is wrong with it or with its tests."""
    path = ROOT / fault.file
    sound = path.read_text()
    path.write_text(sound.replace(fault.sound, fault.faulty))
    try:
        built = run([build / "venv/bin/cmake", "--build", build, "--target", fault.program])
        if built.returncode:
            return "does not compile: " + (re.findall(r".*error.*", built.stdout) or ["?"])[0]
        try:
            tests = subprocess.run([build / "tests" / fault.program, fault.tests], cwd=ROOT, capture_output=True,
                                   timeout=SECONDS)
        except subprocess.TimeoutExpired:
            return "seen"  # it hangs
        return "seen" if tests.returncode else "NOT SEEN"
    finally:
        path.write_text(sound)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("words", nargs="*", help="of the faults' names; default: all")
    parser.add_argument("--check", action="store_true", help="build nothing")
    parser.add_argument("--build", type=Path, default=ROOT / "build")
    args = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # a file is put back then, too
    failed = 0
    for fault in FAULTS:
        if args.words and not any(word in fault.name for word in args.words):
            continue
        outcome = unfit(fault) or ("fits" if args.check else judge(fault, args.build))
        failed += outcome not in ("fits", "seen")
        print(f"{outcome:9} {fault.name} ({fault.program} \"{fault.tests}\")", flush=True)
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
