// `slimscale video` as a user runs it, linked with fake_library.cpp, which repeats samples.
#include <fstream>

#include "base/files.h"
#include "tests/catch.h"
#include "tests/cli/tool.h"

using namespace slimscale;
using namespace slimscale::cli;

namespace {

void save(const std::string &path, const std::string &bytes) {
    REQUIRE(base::write_file(path, bytes).error() == "");
}

std::string load(const std::string &path) {
    const Result<std::string> text = base::read_text(path);
    CHECK(text.error() == "");
    return text ? *text : std::string();
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

struct Plane {
    int width, height, unit;  // units along x and y, bytes of a unit
};

std::vector<Plane> i420(int width, int height, int unit = 1) {
    const int half_width = (width + 1) / 2, half_height = (height + 1) / 2;
    return {{width, height, unit}, {half_width, half_height, unit}, {half_width, half_height, unit}};
}

std::vector<Plane> nv12(int width, int height) {
    return {{width, height, 1}, {(width + 1) / 2, (height + 1) / 2, 2}};
}

// A frame of bytes that differ from frame to frame and from plane to plane.
std::string frame(const std::vector<Plane> &planes, int number) {
    std::string bytes;
    for (const Plane &plane : planes)
        for (int i = 0; i < plane.width * plane.height * plane.unit; i++)
            bytes += static_cast<char>(7 * i + 31 * number + static_cast<int>(bytes.size() / 5));
    return bytes;
}

// The stand-in's result for a frame; `large` has the planes of twice the size.
std::string repeated(const std::string &bytes, const std::vector<Plane> &planes, const std::vector<Plane> &large) {
    std::string result;
    size_t start = 0;
    for (size_t p = 0; p < planes.size(); p++) {
        const size_t unit = static_cast<size_t>(planes[p].unit), row = static_cast<size_t>(planes[p].width) * unit;
        for (int y = 0; y < large[p].height; y++)
            for (int x = 0; x < large[p].width; x++)
                result +=
                    bytes.substr(start + static_cast<size_t>(y / 2) * row + static_cast<size_t>(x / 2) * unit, unit);
        start += row * static_cast<size_t>(planes[p].height);
    }
    return result;
}

struct Clip {
    std::string input, output;  // y4m streams: what the tool reads, and must write
};

Clip clip(const std::string &before, const std::string &after, const std::vector<Plane> &planes,
          const std::vector<Plane> &large, int frames, const std::string &parameters = "") {
    Clip clip{before + "\n", after + "\n"};
    for (int i = 0; i < frames; i++) {
        const std::string line = "FRAME" + (i % 2 ? parameters : "") + "\n", bytes = frame(planes, i);
        clip.input += line + bytes;
        clip.output += line + repeated(bytes, planes, large);
    }
    return clip;
}

Clip small_clip(int frames, const std::string &parameters = "") {
    return clip("YUV4MPEG2 W9 H5 F30000:1001 Im A40:33 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=FULL XMINE=1",
                "YUV4MPEG2 W18 H10 F30000:1001 Im A40:33 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=FULL XMINE=1",
                i420(9, 5), i420(18, 10), frames, parameters);
}

}  // namespace

TEST_CASE("y4m goes from file to file and from pipe to pipe, with everything that its lines say") {
    Scratch scratch;
    const Clip clip = small_clip(7, " Ipp XTIME=3");
    save(scratch / "in.y4m", clip.input);
    const Outcome files = run_tool(scratch, "video in.y4m out.y4m");
    CHECK(files.exit_code == 0);
    CHECK(load(scratch / "out.y4m") == clip.output);
    CHECK(files.out.empty());
    CHECK(lines(files.err) == 1);
    CHECK(contains(files.err, "9x5 to 18x10, fake_x2, 7 frames, 64 channels, fast, 5 threads, "));
    const Outcome pipes = run_tool(scratch, "video --quiet - - < in.y4m");
    CHECK(pipes.exit_code == 0);
    CHECK(pipes.out == clip.output);
    CHECK(pipes.err.empty());
}

TEST_CASE("every layout of y4m goes through") {
    Scratch scratch;
    struct Case {
        const char *chroma;
        int unit, columns, rows;  // bytes of a sample; samples of chroma for 9 and 18 columns, 5 and 10 rows
    };
    for (const auto &[chroma, unit, columns, rows] : {Case{"420jpeg", 1, 5, 3},
                                                      {"420", 1, 5, 3},
                                                      {"422", 1, 5, 5},
                                                      {"444", 1, 9, 5},
                                                      {"420p10", 2, 5, 3},
                                                      {"422p12", 2, 5, 5},
                                                      {"444p16", 2, 9, 5},
                                                      {"mono", 1, 0, 0},
                                                      {"mono10", 2, 0, 0},
                                                      {"mono16", 2, 0, 0}}) {
        CAPTURE(chroma);
        const int wide = columns == 9 ? 18 : columns ? 9 : 0, high = rows == 5 ? 10 : rows ? 5 : 0;
        const std::string tail = " F25:1 Ip C" + std::string(chroma);
        const Clip through = clip("YUV4MPEG2 W9 H5" + tail, "YUV4MPEG2 W18 H10" + tail,
                                  {{9, 5, unit}, {columns, rows, unit}, {columns, rows, unit}},
                                  {{18, 10, unit}, {wide, high, unit}, {wide, high, unit}}, 3);
        save(scratch / "in.y4m", through.input);
        const Outcome outcome = run_tool(scratch, "video --quiet in.y4m -");
        CHECK(outcome.exit_code == 0);
        CHECK(outcome.err == "");
        CHECK((outcome.out == through.output));
    }
}

TEST_CASE("raw frames come out in their format") {
    Scratch scratch;
    std::string input, output;
    for (int i = 0; i < 4; i++) {
        input += frame(nv12(7, 3), i);
        output += repeated(frame(nv12(7, 3), i), nv12(7, 3), nv12(14, 6));
    }
    save(scratch / "in.yuv", input);
    const Outcome outcome =
        run_tool(scratch, "video in.yuv out.yuv --format nv12 --size 7x3 --range full --siting center");
    CHECK(outcome.exit_code == 0);
    CHECK((load(scratch / "out.yuv") == output));
    save(scratch / "none.yuv", "");
    CHECK(run_tool(scratch, "video none.yuv no.yuv --format yuv420p10le --size 7x3").exit_code == 0);
    CHECK(load(scratch / "no.yuv").empty());
}

TEST_CASE("each frame gets the channels that its speed allows") {
    Scratch scratch;
    save(scratch / "in.y4m", small_clip(3).input);
    // 45 pixels at 64 channels take 2.9 ms, at 16 channels 0.7 ms.
    CHECK(contains(run_tool(scratch, "video in.y4m a.y4m --speed 1ms").err, "3 frames, 16 channels, "));
    CHECK(contains(run_tool(scratch, "video in.y4m b.y4m --speed 100fps").err, "3 frames, 64 channels, "));
    CHECK(contains(run_tool(scratch, "video in.y4m c.y4m --width 16").err, "3 frames, 16 channels, "));
}

TEST_CASE("of an input that is cut off all whole frames are written, and the exit code says so") {
    Scratch scratch;
    const Clip four = small_clip(4), three = small_clip(3);
    for (const size_t cut : {four.input.size() - 1, three.input.size() + 7, three.input.size() + 6,
                             three.input.size() + 5, three.input.size() + 1}) {
        CAPTURE(cut);
        save(scratch / "in.y4m", four.input.substr(0, cut));
        const Outcome outcome = run_tool(scratch, "video --overwrite in.y4m out.y4m");
        CHECK(outcome.exit_code == 1);
        CHECK(contains(outcome.err, "in.y4m: the input ends within frame 4\n"));
        CHECK((load(scratch / "out.y4m") == three.output));
    }
    save(scratch / "in.y4m", three.input + "FRAMF\n");
    const Outcome strange = run_tool(scratch, "video --overwrite in.y4m out.y4m");
    CHECK(strange.exit_code == 1);
    CHECK(contains(strange.err, "frame 4: the stream has \"FRAMF\" where a frame should begin"));
    CHECK((load(scratch / "out.y4m") == three.output));
    save(scratch / "in.y4m", three.input + "FRAME Itip\n" + std::string(90, 'x'));
    const Outcome interlaced = run_tool(scratch, "video --overwrite in.y4m out.y4m");
    CHECK(interlaced.exit_code == 1);
    CHECK(contains(interlaced.err, "frame 4: the frame is interlaced"));
    CHECK((load(scratch / "out.y4m") == three.output));
    save(scratch / "in.yuv", frame(nv12(7, 3), 0) + "x");
    const Outcome raw = run_tool(scratch, "video in.yuv out.yuv --format nv12 --size 7x3");
    CHECK(raw.exit_code == 1);
    CHECK(contains(raw.err, "the input ends within frame 2"));
    CHECK((load(scratch / "out.yuv") == repeated(frame(nv12(7, 3), 0), nv12(7, 3), nv12(14, 6))));
}

TEST_CASE("inputs that are no video are one sentence") {
    Scratch scratch;
    const std::string many(1 << 20, 'Y');
    for (const auto &[contents, sentence] : {std::pair<std::string, const char *>{"", "the input is empty"},
                                             {"YUV4MPEG2 W9 H5", "ends within its y4m header"},
                                             {"\x89PNG\n", "no y4m stream"},
                                             {many, "a line of more than 4096 characters"},
                                             {"YUV4MPEG2 W9 H5 It\n", "interlaced"},
                                             {"YUV4MPEG2 W9 H5 C411\n", "4:2:0, 4:2:2, 4:4:4 and mono"},
                                             {"YUV4MPEG2 W65536 H65536\n", "--max-pixels"}}) {
        save(scratch / "in", contents);
        const Outcome outcome = run_tool(scratch, "video in out.y4m");
        CAPTURE(sentence, outcome.err);
        CHECK(outcome.exit_code == 1);
        CHECK(lines(outcome.err) == 1);
        CHECK(contains(outcome.err, sentence));
        CHECK_FALSE(std::filesystem::exists(scratch / "out.y4m"));
    }
    save(scratch / "in", "YUV4MPEG2 W9 H5 C420jpeg XCOLORRANGE=FULL\n");
    CHECK(contains(run_tool(scratch, "video in out.y4m --range limited").err, "--range contradicts the y4m header"));
    CHECK(contains(run_tool(scratch, "video in out.y4m --siting left").err, "--siting contradicts the y4m header"));
    CHECK(run_tool(scratch, "video in out.y4m --range full --siting center").exit_code == 0);
}

TEST_CASE("frames of more pixels than are asked for, or than there is memory for, are refused") {
    Scratch scratch;
    save(scratch / "in", "YUV4MPEG2 W9 H5\n");
    CHECK(run_tool(scratch, "video in out.y4m --max-pixels 45").exit_code == 0);
    const Outcome small = run_tool(scratch, "video in out.y4m --overwrite --max-pixels 44");
    CHECK(small.exit_code == 1);
    CHECK(contains(small.err, "the y4m header says frames of 9x5, and 44 pixels are the most"));
    CHECK(run_tool(scratch, "video in out.y4m --max-pixels 0").exit_code == 2);
    save(scratch / "in", "YUV4MPEG2 W65536 H65536 C444p16\n");
    const Outcome large = run_tool(scratch, "video in large.y4m --max-pixels 4294967296");
    CHECK(large.exit_code == 1);
    CHECK(lines(large.err) == 1);
    CHECK_FALSE(std::filesystem::exists(scratch / "large.y4m"));
}

TEST_CASE("files are not replaced by accident") {
    Scratch scratch;
    save(scratch / "in.y4m", small_clip(1).input);
    save(scratch / "out.y4m", "mine");
    CHECK(contains(run_tool(scratch, "video in.y4m out.y4m").err, "out.y4m exists; --overwrite replaces it"));
    CHECK(load(scratch / "out.y4m") == "mine");
    CHECK(contains(run_tool(scratch, "video --overwrite in.y4m ./in.y4m").err, "the output is the input itself"));
    CHECK(load(scratch / "in.y4m") == small_clip(1).input);
    for (const char *arguments : {"video", "video in.y4m", "video missing.y4m a.y4m",
                                  "video in.y4m a.y4m --format nv13 --size 9x5", "video in.y4m a.y4m --format nv12",
                                  "video in.y4m a.y4m --size 9x5", "video in.y4m a.y4m --format nv12 --size 9x",
                                  "video in.y4m a.y4m --range tv", "video in.y4m a.y4m --speed fast"}) {
        const Outcome outcome = run_tool(scratch, arguments);
        CAPTURE(arguments, outcome.err);
        CHECK(outcome.exit_code == 2);
        CHECK(lines(outcome.err) == 1);
    }
}

TEST_CASE("an output that is closed ends the run, also while the input is silent") {
    Scratch scratch;
    save(scratch / "in.y4m", small_clip(1000).input);  // 360 kB behind the network: more than pipes hold
    const std::string in_folder = "cd " + scratch.folder() + " && ";
    const std::string tool = "{ timeout 6 " SLIMSCALE_TOOL " video - - 2>err; echo $? >code; }";
    REQUIRE(std::system((in_folder + "{ cat in.y4m; sleep 8; } | " + tool + " | head -c 10 >head").c_str()) == 0);
    CHECK(load(scratch / "code") == "1\n");
    CHECK(contains(load(scratch / "err"), "whoever read the output has closed it"));
    CHECK(load(scratch / "head") == "YUV4MPEG2 ");
}

TEST_CASE("a terminal shows how it goes, and gets no video") {
    Scratch scratch;
    const Clip clip = small_clip(2);
    save(scratch / "a", clip.input.substr(0, small_clip(1).input.size()));
    save(scratch / "b", clip.input.substr(small_clip(1).input.size()));
    REQUIRE(std::system(("mkfifo " + (scratch / "in")).c_str()) == 0);
    const std::string feed = "cd " + scratch.folder() + " && { cat a; sleep 1; cat b; } >in &";
    REQUIRE(std::system(feed.c_str()) == 0);
    CHECK(contains(run_on_terminal(scratch, "video in out.y4m"), "\r\033[Kframe 2, "));
    CHECK((load(scratch / "out.y4m") == clip.output));
    CHECK(contains(run_on_terminal(scratch, "video a -"), "standard output is a terminal"));
}
