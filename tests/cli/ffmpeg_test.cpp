// `slimscale video` between two FFmpegs, over small compiled networks. The tool's headers must be those of FFmpeg for a
// clip of that size, and the frames must be the library's own.
#include <cstdio>
#include <cstring>

#include "base/files.h"
#include "host/registry.h"
#include "slimscale/slimscale.h"
#include "tests/catch.h"
#include "tests/scratch.h"

using namespace slimscale;

namespace {

constexpr int kFrames = 3;
constexpr int kScale = 2;

// A clip that FFmpeg makes.
struct Kind {
    const char *pixels;  // FFmpeg's name of the format
    const char *format;  // the library's
    int width, height;
    const char *range;   // FFmpeg's word
    const char *siting;  // likewise
    const char *model;
};
constexpr const char *kColor = "golden_edsr_x2", *kLuma = "golden_edsr_luma_x2";

bool has_ffmpeg() {
    return std::system("ffmpeg -version >/dev/null 2>&1 && ffprobe -version >/dev/null 2>&1") == 0;
}

// Runs a command in the scratch folder. A failure shows what it printed on both streams.
void shell(const Scratch &scratch, const std::string &command) {
    const std::string whole = "cd " + scratch.folder() + " && { " + command + "; } 2>messages";
    const int status = std::system(whole.c_str());
    const Result<std::string> messages = base::read_text(scratch / "messages");
    CAPTURE(command, messages ? *messages : "");
    REQUIRE(status == 0);
}

std::string load(const std::string &path) {
    Result<std::string> text = base::read_text(path);
    REQUIRE(text.error() == "");
    return *text;
}

std::string first_line(const std::string &bytes) {
    return bytes.substr(0, bytes.find('\n'));
}

// The siting that a header tells. FFmpeg 8.0 tells the center of all chroma that lavfi makes, whatever it was asked
// for.
slimscale_siting siting_in(const std::string &header) {
    const auto says = [&](const char *field) { return header.find(field) != std::string::npos; };
    return says(" C420mpeg2")   ? SLIMSCALE_SITING_LEFT
           : says(" C420jpeg")  ? SLIMSCALE_SITING_CENTER
           : says(" C420paldv") ? SLIMSCALE_SITING_TOP_LEFT
                                : SLIMSCALE_SITING_DEFAULT;
}

std::string make_clip(const Kind &kind, int scale) {
    return "ffmpeg -v error -f lavfi -i testsrc=size=" + std::to_string(scale * kind.width) + "x" +
           std::to_string(scale * kind.height) + ":rate=30000/1001 -frames:v " + std::to_string(kFrames) +
           " -pix_fmt " + kind.pixels + " -color_range " + kind.range + " -chroma_sample_location " + kind.siting +
           " -strict -1 -f yuv4mpegpipe -";
}

const slimscale_model *find_model(const char *name) {
    for (const slimscale_model *const *model = slimscale_models; *model; model++) {
        slimscale_model_info info{};
        info.size = sizeof info;
        uint8_t storage[64];
        if (slimscale_describe(*model, &info, storage) == SLIMSCALE_OK && std::strcmp(info.name, name) == 0)
            return *model;
    }
    return nullptr;
}

// A picture whose planes follow each other without padding. For a color network, gray becomes YUV with neutral chroma.
struct Picture {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    std::string bytes;
    size_t luma = 0;  // bytes of the first plane
};

Picture picture(const Kind &kind, slimscale_siting siting, int scale) {
    Picture p;
    const bool gray = std::strncmp(kind.format, "gray", 4) == 0;
    const std::string yuv = std::strcmp(kind.format, "gray8") == 0 ? "i420" : "i420_10";
    REQUIRE(slimscale_parse_format(gray ? yuv.c_str() : kind.format, &p.image.format) == SLIMSCALE_OK);
    p.image.width = scale * kind.width;
    p.image.height = scale * kind.height;
    p.image.range = std::strcmp(kind.range, "pc") == 0 || gray ? SLIMSCALE_RANGE_FULL : SLIMSCALE_RANGE_LIMITED;
    p.image.siting = siting;
    size_t offsets[3] = {};
    for (int plane = 0; plane < 3; plane++) {
        size_t row = 0;
        int rows = 0;
        REQUIRE(slimscale_plane_size(p.image.format, p.image.width, p.image.height, plane, &row, &rows) ==
                SLIMSCALE_OK);
        offsets[plane] = p.bytes.size();
        p.image.strides[plane] = static_cast<ptrdiff_t>(row);
        p.bytes.resize(p.bytes.size() + row * static_cast<size_t>(rows));
    }
    p.luma = offsets[1];
    for (size_t i = p.luma; i < p.bytes.size(); i++)
        p.bytes[i] = yuv == "i420" && gray ? '\x80' : i % 2 ? '\x02' : '\0';  // 512 in two bytes
    for (int plane = 0; plane < 3; plane++)
        p.image.planes[plane] = p.bytes.data() + offsets[plane];
    return p;
}

// Upscales raw frames by the library.
std::string upscaled(const Kind &kind, slimscale_siting siting, const std::string &raw) {
    const bool gray = std::strncmp(kind.format, "gray", 4) == 0;
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.threads = 1;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(find_model(kind.model), &options, &s) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(s, kind.width, kind.height) == SLIMSCALE_OK);
    Picture small = picture(kind, siting, 1), large = picture(kind, siting, kScale);
    const size_t small_bytes = gray ? small.luma : small.bytes.size(),
                 large_bytes = gray ? large.luma : large.bytes.size();
    REQUIRE(raw.size() == kFrames * small_bytes);
    std::string result;
    for (size_t i = 0; i < kFrames; i++) {
        std::memcpy(small.bytes.data(), raw.data() + i * small_bytes, small_bytes);
        REQUIRE(slimscale_run(s, nullptr, &small.image, &large.image, nullptr) == SLIMSCALE_OK);
        result.append(large.bytes, 0, large_bytes);
    }
    slimscale_close(s);
    return result;
}

// Whether FFmpeg is there; if not, the tests of this file are skipped.
bool ready() {
    static const bool there = has_ffmpeg();
    if (!there)
        std::puts("[SKIP] there is no ffmpeg to read and write video");
    return there;
}

}  // namespace

TEST_CASE("clips go through FFmpeg, the tool and FFmpeg with the same metadata and the library's own frames") {
    if (!ready())
        return;
    for (const Kind &kind : {Kind{"yuv420p", "i420", 48, 32, "tv", "left", kLuma},
                             {"yuv420p", "i420", 33, 17, "tv", "center", kColor},
                             {"yuv420p", "i420", 33, 17, "pc", "topleft", kLuma},
                             {"yuvj420p", "i420", 31, 19, "pc", "center", kLuma},
                             {"yuv422p", "i422", 33, 17, "tv", "left", kLuma},
                             {"yuv444p", "i444", 33, 17, "pc", "left", kColor},
                             {"yuv444p", "i444", 48, 32, "tv", "left", kLuma},
                             {"yuv420p10le", "i420_10", 34, 17, "tv", "left", kLuma},
                             {"yuv420p10le", "i420_10", 48, 32, "pc", "left", kColor},
                             {"yuv444p10le", "i444_10", 33, 17, "tv", "left", kColor},
                             {"yuv422p12le", "i422_12", 34, 17, "tv", "left", kLuma},
                             {"yuv444p16le", "i444_16", 33, 17, "pc", "left", kLuma},
                             {"gray", "gray8", 33, 17, "pc", "left", kColor},
                             {"gray10le", "gray10", 33, 17, "pc", "left", kColor}}) {
        CAPTURE(kind.pixels, kind.width, kind.range, kind.siting, kind.model);
        Scratch scratch;
        shell(scratch, make_clip(kind, 1) + " >in.y4m");
        const slimscale_siting siting = siting_in(first_line(load(scratch / "in.y4m")));
        shell(scratch, make_clip(kind, kScale) + " >model.y4m");  // what FFmpeg says of a clip of the output's size
        shell(scratch,
              "cat in.y4m | " SLIMSCALE_TOOL " video --quiet - - --model " + std::string(kind.model) + " >out.y4m");
        const std::string header = first_line(load(scratch / "out.y4m"));
        CHECK(header == first_line(load(scratch / "model.y4m")));
        // FFmpeg's reader loses nothing either.
        shell(scratch, "ffmpeg -v error -i out.y4m -strict -1 -f yuv4mpegpipe - >again.y4m");
        CHECK(first_line(load(scratch / "again.y4m")) == header);
        CHECK((load(scratch / "again.y4m") == load(scratch / "out.y4m")));
        shell(scratch,
              "ffmpeg -v error -i in.y4m -f rawvideo - >in.raw; ffmpeg -v error -i out.y4m -f rawvideo - >out.raw");
        CHECK((load(scratch / "out.raw") == upscaled(kind, siting, load(scratch / "in.raw"))));
    }
}

// For deep frames with an odd width FFmpeg 5.1 writes a byte too few in each row of chroma, which no reader takes, not
// even its own. It reads such frames correctly.
TEST_CASE("deep frames with an odd width are read as FFmpeg reads them") {
    if (!ready())
        return;
    for (const Kind &kind : {Kind{"yuv420p10le", "i420_10", 33, 17, "tv", "left", kLuma},
                             {"yuv422p12le", "i422_12", 31, 9, "tv", "left", kColor}}) {
        CAPTURE(kind.pixels);
        Scratch scratch;
        const std::string size = std::to_string(kind.width) + "x" + std::to_string(kind.height);
        shell(scratch, "ffmpeg -v error -f lavfi -i testsrc=size=" + size + ":rate=25 -frames:v 3 -pix_fmt " +
                           kind.pixels + " -f rawvideo - >in.raw");
        const std::string raw = load(scratch / "in.raw"), depth = std::string(kind.pixels).substr(6, 3);
        std::string y4m = "YUV4MPEG2 W" + std::to_string(kind.width) + " H" + std::to_string(kind.height) +
                          " F25:1 Ip C" + std::string(kind.pixels).substr(3, 3) + depth + " XCOLORRANGE=LIMITED\n";
        for (size_t i = 0; i < kFrames; i++)
            y4m += "FRAME\n" + raw.substr(i * raw.size() / kFrames, raw.size() / kFrames);
        REQUIRE(base::write_file(scratch / "in.y4m", y4m).ok());
        shell(scratch, SLIMSCALE_TOOL " video --quiet in.y4m out.y4m --model " + std::string(kind.model));
        shell(scratch,
              "ffmpeg -v error -i in.y4m -f rawvideo - >again.raw; ffmpeg -v error -i out.y4m -f rawvideo - >out.raw");
        CHECK((load(scratch / "again.raw") == raw));
        CHECK((load(scratch / "out.raw") == upscaled(kind, SLIMSCALE_SITING_DEFAULT, raw)));
    }
}

TEST_CASE("raw frames of FFmpeg's and of y4m become the same") {
    if (!ready())
        return;
    Scratch scratch;
    const std::string luma = " --model golden_edsr_luma_x2";
    shell(scratch, "ffmpeg -v error -f lavfi -i testsrc=size=33x17:rate=25 -frames:v 3 -pix_fmt yuv420p "
                   "-chroma_sample_location left -f yuv4mpegpipe - >in.y4m");
    const bool center = siting_in(first_line(load(scratch / "in.y4m"))) == SLIMSCALE_SITING_CENTER;
    shell(scratch, "ffmpeg -v error -i in.y4m -pix_fmt nv12 -f rawvideo - | " SLIMSCALE_TOOL
                   " video --quiet --format nv12 --size 33x17 - - --siting " +
                       std::string(center ? "center" : "left") + luma + " >nv12.raw");
    shell(scratch, SLIMSCALE_TOOL " video --quiet in.y4m i420.y4m" + luma);
    shell(scratch, "ffmpeg -v error -f rawvideo -pix_fmt nv12 -s 66x34 -i nv12.raw -pix_fmt yuv420p -f rawvideo - >a; "
                   "ffmpeg -v error -i i420.y4m -f rawvideo - >b; cmp a b");
}

TEST_CASE("the README's command takes a film with sound to a film of twice the size") {
    if (!ready())
        return;
    Scratch scratch;
    shell(scratch, "ffmpeg -v error -f lavfi -i testsrc=size=64x48:rate=25 -f lavfi -i sine -t 1 in.mp4");
    shell(
        scratch,
        "ffmpeg -v error -i in.mp4 -f yuv4mpegpipe - | " SLIMSCALE_TOOL
        " video - - --model golden_edsr_luma_x2 | ffmpeg -v error -i - -i in.mp4 -map 0:v -map 1:a? -c:a copy out.mp4");
    shell(scratch, "ffprobe -v error -count_frames -of csv=p=0 -show_entries "
                   "stream=codec_type,width,height,r_frame_rate,nb_read_frames out.mp4 >streams");
    const std::string streams = load(scratch / "streams");
    CHECK(streams.find("video,128,96,25/1,25") != std::string::npos);
    CHECK(streams.find("audio") != std::string::npos);
    const std::string sound = "ffmpeg -v error -i ";
    shell(scratch,
          sound + "in.mp4 -map 0:a -c copy -f data a; " + sound + "out.mp4 -map 0:a -c copy -f data b; cmp a b");
}
