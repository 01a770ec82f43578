// The plugin in VapourSynth's core, in a host without Python. Its input is a source of random frames.
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <VapourSynth4.h>
#include <dlfcn.h>

#include "plugins/common/models.h"
#include "tests/catch.h"

using namespace slimscale;

namespace {

const VSAPI *api() {
    static const VSAPI *const found = [] {
        void *library = dlopen(SLIMSCALE_VAPOURSYNTH_CORE, RTLD_NOW | RTLD_GLOBAL);
        if (!library)
            FAIL(dlerror());
        const auto get = reinterpret_cast<VSGetVapourSynthAPI>(dlsym(library, "getVapourSynthAPI"));
        return get(VAPOURSYNTH_API_VERSION);
    }();
    return found;
}

using Properties = std::map<std::string, int>;

struct Source {
    VSVideoInfo info;
    Properties properties;
};

// Fills a frame with random samples: integers within their bits, floats within 0 to 1.
void fill(VSFrame *frame, unsigned seed) {
    std::mt19937 random(seed);
    const VSVideoFormat &format = *api()->getVideoFrameFormat(frame);
    for (int p = 0; p < format.numPlanes; p++)
        for (int y = 0; y < api()->getFrameHeight(frame, p); y++) {
            uint8_t *row = api()->getWritePtr(frame, p) + y * api()->getStride(frame, p);
            for (int x = 0; x < api()->getFrameWidth(frame, p); x++) {
                if (format.sampleType == stFloat) {
                    const float value = static_cast<float>(random() % 256) / 255;
                    std::memcpy(row + 4 * x, &value, 4);
                } else {
                    const uint16_t value = static_cast<uint16_t>(random() % (1u << format.bitsPerSample));
                    std::memcpy(row + format.bytesPerSample * x, &value, static_cast<size_t>(format.bytesPerSample));
                }
            }
        }
}

const VSFrame *VS_CC source_frame(int n, int, void *data, void **, VSFrameContext *, VSCore *core, const VSAPI *vs) {
    const Source &source = *static_cast<Source *>(data);
    VSFrame *frame = vs->newVideoFrame(&source.info.format, source.info.width, source.info.height, nullptr, core);
    fill(frame, static_cast<unsigned>(n));
    for (const auto &[name, value] : source.properties)
        vs->mapSetInt(vs->getFramePropertiesRW(frame), name.c_str(), value, maReplace);
    return frame;
}

void VS_CC free_source(void *data, VSCore *, const VSAPI *) {
    delete static_cast<Source *>(data);
}

struct Core {
    VSCore *core = api()->createCore(ccfDisableAutoLoading);
    Core() {
        VSMap *arguments = api()->createMap();
        api()->mapSetData(arguments, "path", SLIMSCALE_VAPOURSYNTH_PLUGIN, -1, dtUtf8, maReplace);
        VSMap *result = api()->invoke(api()->getPluginByNamespace("std", core), "LoadPlugin", arguments);
        const char *error = api()->mapGetError(result);
        INFO((error ? error : ""));
        REQUIRE(!error);
        api()->freeMap(result);
        api()->freeMap(arguments);
    }
    ~Core() { api()->freeCore(core); }
    Core(const Core &) = delete;
    Core &operator=(const Core &) = delete;

    VSNode *source(int family, int type, int bits, int sub_w, int sub_h, int width, int height,
                   const Properties &properties = {}) {
        auto *source = new Source{};
        if (family != cfUndefined)
            REQUIRE(api()->queryVideoFormat(&source->info.format, family, type, bits, sub_w, sub_h, core));
        source->info.width = width;
        source->info.height = height;
        source->info.numFrames = 8;
        source->info.fpsNum = 25;
        source->info.fpsDen = 1;
        source->properties = properties;
        const VSVideoInfo info = source->info;
        return api()->createVideoFilter2("Random", &info, source_frame, free_source, fmParallel, nullptr, 0, source,
                                         core);
    }

    // Takes ownership of `clip`. Null: `error` has the sentence.
    VSNode *upscale(VSNode *clip, const std::string &model, int channels, std::string &error) {
        VSMap *arguments = api()->createMap();
        api()->mapConsumeNode(arguments, "clip", clip, maReplace);
        api()->mapSetData(arguments, "model", model.c_str(), -1, dtUtf8, maReplace);
        api()->mapSetInt(arguments, "channels", channels, maReplace);
        VSMap *result = api()->invoke(api()->getPluginByNamespace("slimscale", core), "Upscale", arguments);
        const char *sentence = api()->mapGetError(result);
        error = sentence ? sentence : "";
        VSNode *node = sentence ? nullptr : api()->mapGetNode(result, "clip", 0, nullptr);
        api()->freeMap(result);
        api()->freeMap(arguments);
        return node;
    }
};

std::vector<uint8_t> rows_of(const VSFrame *frame) {
    std::vector<uint8_t> rows;
    const VSVideoFormat &format = *api()->getVideoFrameFormat(frame);
    for (int p = 0; p < format.numPlanes; p++)
        for (int y = 0; y < api()->getFrameHeight(frame, p); y++) {
            const uint8_t *row = api()->getReadPtr(frame, p) + y * api()->getStride(frame, p);
            rows.insert(rows.end(), row, row + api()->getFrameWidth(frame, p) * format.bytesPerSample);
        }
    return rows;
}

// The result of the C API on a frame without padding.
std::vector<uint8_t> expected(slimscale_format format, int width, int height, std::vector<uint8_t> input,
                              slimscale_matrix matrix, slimscale_range range, slimscale_siting siting) {
    const Result<const plugins::Model *> model = plugins::find_model("edsr_small_x2");
    REQUIRE(model);
    slimscale_handle *s = nullptr;
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    REQUIRE(slimscale_open((*model)->archive, &options, &s) == SLIMSCALE_OK);
    const std::unique_ptr<slimscale_handle, plugins::Close> handle(s);
    REQUIRE(slimscale_plan(s, width, height) == SLIMSCALE_OK);
    const auto lay = [&](int factor, std::vector<uint8_t> &bytes) {
        slimscale_image image = SLIMSCALE_IMAGE_INIT;
        image.format = format;
        image.width = factor * width;
        image.height = factor * height;
        size_t offsets[4] = {}, total = 0;
        for (int p = 0; p < 3; p++) {
            size_t row_bytes = 0;
            int rows = 0;
            REQUIRE(slimscale_plane_size(format, image.width, image.height, p, &row_bytes, &rows) == SLIMSCALE_OK);
            offsets[p] = total;
            image.strides[p] = static_cast<ptrdiff_t>(row_bytes);
            total += row_bytes * static_cast<size_t>(rows);
        }
        bytes.resize(total);
        for (int p = 0; p < 3; p++)
            image.planes[p] = bytes.data() + offsets[p];
        image.matrix = matrix;
        image.range = range;
        image.siting = siting;
        return image;
    };
    std::vector<uint8_t> output;
    const slimscale_image low = lay(1, input), high = lay(2, output);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.channels = 16;
    REQUIRE(slimscale_run(s, &request, &low, &high, nullptr) == SLIMSCALE_OK);
    return output;
}

struct Case {
    int family, type, bits, sub_w, sub_h;
    slimscale_format format;
    Properties properties;
    slimscale_matrix matrix;
    slimscale_range range;
    slimscale_siting siting;
};

}  // namespace

TEST_CASE("clips give what the library gives, to the byte, with their properties") {
    const Case cases[] = {
        {cfYUV,
         stInteger,
         8,
         1,
         1,
         SLIMSCALE_I420,
         {},
         SLIMSCALE_MATRIX_DEFAULT,
         SLIMSCALE_RANGE_DEFAULT,
         SLIMSCALE_SITING_DEFAULT},
        {cfYUV,
         stInteger,
         8,
         1,
         1,
         SLIMSCALE_I420,
         {{"_Matrix", 1}, {"_ColorRange", 0}, {"_ChromaLocation", 1}},
         SLIMSCALE_MATRIX_BT709,
         SLIMSCALE_RANGE_FULL,
         SLIMSCALE_SITING_CENTER},
        {cfYUV,
         stInteger,
         10,
         1,
         1,
         SLIMSCALE_I420_10,
         {{"_Matrix", 9}, {"_Range", 1}, {"_ChromaLocation", 2}},
         SLIMSCALE_MATRIX_BT2020,
         SLIMSCALE_RANGE_FULL,
         SLIMSCALE_SITING_TOP_LEFT},
        {cfYUV,
         stInteger,
         16,
         0,
         0,
         SLIMSCALE_I444_16,
         {{"_Matrix", 6}},
         SLIMSCALE_MATRIX_BT601,
         SLIMSCALE_RANGE_LIMITED,
         SLIMSCALE_SITING_DEFAULT},
        {cfYUV,
         stInteger,
         12,
         1,
         0,
         SLIMSCALE_I422_12,
         {},
         SLIMSCALE_MATRIX_DEFAULT,
         SLIMSCALE_RANGE_DEFAULT,
         SLIMSCALE_SITING_DEFAULT},
        {cfRGB,
         stInteger,
         8,
         0,
         0,
         SLIMSCALE_PLANAR_8,
         {},
         SLIMSCALE_MATRIX_DEFAULT,
         SLIMSCALE_RANGE_DEFAULT,
         SLIMSCALE_SITING_DEFAULT},
        {cfRGB,
         stInteger,
         16,
         0,
         0,
         SLIMSCALE_PLANAR_16,
         {},
         SLIMSCALE_MATRIX_DEFAULT,
         SLIMSCALE_RANGE_DEFAULT,
         SLIMSCALE_SITING_DEFAULT},
        {cfRGB,
         stFloat,
         32,
         0,
         0,
         SLIMSCALE_PLANAR_F32,
         {},
         SLIMSCALE_MATRIX_DEFAULT,
         SLIMSCALE_RANGE_DEFAULT,
         SLIMSCALE_SITING_DEFAULT},
    };
    Core core;
    for (const Case &c : cases) {
        INFO("family " << c.family << ", bits " << c.bits << ", format " << slimscale_format_name(c.format));
        VSNode *clip = core.source(c.family, c.type, c.bits, c.sub_w, c.sub_h, 38, 22, c.properties);
        VSNode *again = api()->addNodeRef(clip);
        std::string error;
        VSNode *node = core.upscale(clip, "edsr_small_x2", 16, error);
        REQUIRE(error == "");
        char text[256] = "";
        for (const int n : {0, 5}) {
            const VSFrame *in = api()->getFrame(n, again, text, sizeof text);
            const VSFrame *out = api()->getFrame(n, node, text, sizeof text);
            INFO(text);
            REQUIRE(out);
            REQUIRE(api()->getFrameWidth(out, 0) == 76);
            REQUIRE(rows_of(out) == expected(c.format, 38, 22, rows_of(in), c.matrix, c.range, c.siting));
            for (const auto &[name, value] : c.properties) {
                int missing = 0;
                REQUIRE(api()->mapGetInt(api()->getFramePropertiesRO(out), name.c_str(), 0, &missing) == value);
            }
            api()->freeFrame(in);
            api()->freeFrame(out);
        }
        api()->freeNode(node);
        api()->freeNode(again);
    }
}

TEST_CASE("gray clips are the Y of a clip with neutral chroma") {
    Core core;
    for (const int bits : {8, 16}) {
        VSNode *clip = core.source(cfGray, stInteger, bits, 0, 0, 37, 21);
        VSNode *again = api()->addNodeRef(clip);
        std::string error;
        VSNode *node = core.upscale(clip, "edsr_small_x2", 16, error);
        REQUIRE(error == "");
        char text[256] = "";
        const VSFrame *in = api()->getFrame(0, again, text, sizeof text),
                      *out = api()->getFrame(0, node, text, sizeof text);
        REQUIRE(out);
        const slimscale_format format = bits == 8 ? SLIMSCALE_I420 : SLIMSCALE_I420_16;
        std::vector<uint8_t> input = rows_of(in);
        const size_t chroma = 2 * 19 * 11;
        for (size_t i = 0; i < chroma; i++) {
            if (bits == 16)
                input.push_back(0);
            input.push_back(128);
        }
        std::vector<uint8_t> yuv = expected(format, 37, 21, input, SLIMSCALE_MATRIX_DEFAULT, SLIMSCALE_RANGE_DEFAULT,
                                            SLIMSCALE_SITING_DEFAULT);
        const std::vector<uint8_t> got = rows_of(out);
        REQUIRE(got.size() < yuv.size());
        yuv.resize(got.size());
        REQUIRE(got == yuv);
        api()->freeFrame(in);
        api()->freeFrame(out);
        api()->freeNode(node);
        api()->freeNode(again);
    }
}

TEST_CASE("what cannot be upscaled is answered in a sentence") {
    Core core;
    std::string error;
    REQUIRE(!core.upscale(core.source(cfYUV, stInteger, 8, 1, 1, 16, 16), "edsr_x9", 0, error));
    REQUIRE(error.find(plugins::model_names()) != std::string::npos);
    REQUIRE(!core.upscale(core.source(cfYUV, stInteger, 8, 1, 1, 16, 16), "edsr_small_x2", 17, error));
    REQUIRE(error.find("16, 32, 48, 64") != std::string::npos);
    REQUIRE(!core.upscale(core.source(cfYUV, stInteger, 9, 1, 1, 16, 16), "edsr_small_x2", 0, error));
    REQUIRE(error.find("core.resize") != std::string::npos);
    REQUIRE(!core.upscale(core.source(cfUndefined, 0, 0, 0, 0, 0, 0), "edsr_small_x2", 0, error));
    REQUIRE(error.find("changes its format or size") != std::string::npos);

    for (const Properties &wrong :
         {Properties{{"_FieldBased", 1}}, Properties{{"_Matrix", 14}}, Properties{{"_ChromaLocation", 4}}}) {
        VSNode *node = core.upscale(core.source(cfYUV, stInteger, 8, 1, 1, 16, 16, wrong), "edsr_small_x2", 16, error);
        REQUIRE(node);
        char text[256] = "";
        REQUIRE(!api()->getFrame(0, node, text, sizeof text));
        REQUIRE(std::string(text).find(wrong.begin()->first) != std::string::npos);
        api()->freeNode(node);
    }
}
