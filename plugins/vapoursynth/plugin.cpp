// core.slimscale.Upscale(clip, model, channels, threads) for VapourSynth, API 4.
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <VapourSynth4.h>

#include "base/status.h"
#include "plugins/common/models.h"

namespace {

namespace plugins = slimscale::plugins;
using slimscale::Error;
using slimscale::Result;
using slimscale::Status;

struct Format {
    slimscale_format format;
    bool gray_as_y = false;  // the clip is gray, and goes in as Y beside neutral chroma
};

struct FormatRow {
    int family, float_samples, bits, sub_w, sub_h;  // as VSVideoFormat has them
    slimscale_format format;
};

constexpr FormatRow kFormats[] = {
    {cfYUV, stInteger, 8, 1, 1, SLIMSCALE_I420},      {cfYUV, stInteger, 8, 1, 0, SLIMSCALE_I422},
    {cfYUV, stInteger, 8, 0, 0, SLIMSCALE_I444},      {cfYUV, stInteger, 10, 1, 1, SLIMSCALE_I420_10},
    {cfYUV, stInteger, 10, 1, 0, SLIMSCALE_I422_10},  {cfYUV, stInteger, 10, 0, 0, SLIMSCALE_I444_10},
    {cfYUV, stInteger, 12, 1, 1, SLIMSCALE_I420_12},  {cfYUV, stInteger, 12, 1, 0, SLIMSCALE_I422_12},
    {cfYUV, stInteger, 12, 0, 0, SLIMSCALE_I444_12},  {cfYUV, stInteger, 16, 1, 1, SLIMSCALE_I420_16},
    {cfYUV, stInteger, 16, 1, 0, SLIMSCALE_I422_16},  {cfYUV, stInteger, 16, 0, 0, SLIMSCALE_I444_16},
    {cfRGB, stInteger, 8, 0, 0, SLIMSCALE_PLANAR_8},  {cfRGB, stInteger, 16, 0, 0, SLIMSCALE_PLANAR_16},
    {cfRGB, stFloat, 16, 0, 0, SLIMSCALE_PLANAR_F16}, {cfRGB, stFloat, 32, 0, 0, SLIMSCALE_PLANAR_F32},
    {cfGray, stInteger, 8, 0, 0, SLIMSCALE_I420},     {cfGray, stInteger, 10, 0, 0, SLIMSCALE_I420_10},
    {cfGray, stInteger, 12, 0, 0, SLIMSCALE_I420_12}, {cfGray, stInteger, 16, 0, 0, SLIMSCALE_I420_16},
};

Result<Format> find_format(const VSVideoFormat &format) {
    for (const FormatRow &row : kFormats)
        if (row.family == format.colorFamily && row.float_samples == format.sampleType &&
            row.bits == format.bitsPerSample && row.sub_w == format.subSamplingW && row.sub_h == format.subSamplingH)
            return Format{row.format, row.family == cfGray};
    return Error{
        "the clip's format is not supported: YUV 4:2:0, 4:2:2, 4:4:4 and GRAY may have 8, 10, 12 or 16 bits, RGB "
        "8 or 16 bits or floats; convert it with core.resize"};
}

// One property of a frame; `absent` if the frame lacks it.
int property(const VSMap *properties, const char *name, int absent, const VSAPI *vs) {
    int error = 0;
    const int value = vs->mapGetIntSaturated(properties, name, 0, &error);
    return error ? absent : value;
}

Result<slimscale_matrix> matrix_of(const VSMap *properties, const VSAPI *vs) {
    switch (const int matrix = property(properties, "_Matrix", 2, vs)) {
    case 0:  // of RGB
    case 2:
        return SLIMSCALE_MATRIX_DEFAULT;
    case 1:
    case 7:
        return SLIMSCALE_MATRIX_BT709;  // 7: SMPTE 240M, the same in and out
    case 4:
    case 5:
    case 6:
        return SLIMSCALE_MATRIX_BT601;  // 4: FCC
    case 9:
        return SLIMSCALE_MATRIX_BT2020;
    default:
        return Error{"_Matrix " + std::to_string(matrix) + " is not supported; convert with core.resize"};
    }
}

Result<slimscale_siting> siting_of(const VSMap *properties, const VSAPI *vs) {
    switch (const int siting = property(properties, "_ChromaLocation", -1, vs)) {
    case -1:
        return SLIMSCALE_SITING_DEFAULT;
    case 0:
        return SLIMSCALE_SITING_LEFT;
    case 1:
        return SLIMSCALE_SITING_CENTER;
    case 2:
        return SLIMSCALE_SITING_TOP_LEFT;
    default:
        return Error{"_ChromaLocation " + std::to_string(siting) + " is not supported; convert with core.resize"};
    }
}

// Newer versions' _Range has the opposite numbers of _ColorRange.
slimscale_range range_of(const VSMap *properties, const VSAPI *vs) {
    const int range = property(properties, "_Range", -1, vs);
    const int color_range = property(properties, "_ColorRange", -1, vs);
    if (range == 1 || (range < 0 && color_range == 0))
        return SLIMSCALE_RANGE_FULL;
    return range == 0 || color_range == 1 ? SLIMSCALE_RANGE_LIMITED : SLIMSCALE_RANGE_DEFAULT;
}

// A chroma plane for gray clips, which have none.
struct Plane {
    std::vector<uint16_t> samples;  // each holds two samples of 8 bits, or one of more
    ptrdiff_t stride = 0;           // bytes
};

// Chroma of a frame of `width_px` x `height_px`, neutral for samples of so many bits.
Result<Plane> neutral_chroma(slimscale_format format, int width_px, int height_px, int bits) {
    size_t row_bytes = 0;
    int rows = 0;
    const slimscale_status status = slimscale_plane_size(format, width_px, height_px, 1, &row_bytes, &rows);
    if (status != SLIMSCALE_OK)
        return Error{"a gray frame of " + std::to_string(width_px) + "x" + std::to_string(height_px) +
                     " gets no chroma: " + slimscale_status_text(status)};
    const int zero = 1 << (bits - 1);
    const size_t words = (row_bytes * static_cast<size_t>(rows) + 1) / 2;
    return Plane{std::vector<uint16_t>(words, static_cast<uint16_t>(bits == 8 ? zero * 257 : zero)),
                 static_cast<ptrdiff_t>(row_bytes)};
}

// A handle and, for gray clips, the chroma beside Y: neutral U and V for inputs, and planes that take those of outputs.
// Several threads write the latter at once, so each worker has its own.
struct Worker {
    std::unique_ptr<slimscale_handle, plugins::Close> handle;
    Plane neutral, dropped_u, dropped_v;
};

void set_chroma(slimscale_image &image, Plane &u, Plane &v) {
    image.planes[1] = u.samples.data();
    image.planes[2] = v.samples.data();
    image.strides[1] = u.stride;
    image.strides[2] = v.stride;
}

class Upscale {
public:
    const plugins::Model *model = nullptr;
    Format format{};
    int channels = 0, threads = 1;
    VSNode *node = nullptr;
    VSVideoInfo out{};

    // An idle worker or, if there is none, a new one; so there are as many as frames are computed at once.
    Result<std::unique_ptr<Worker>> take(int width_px, int height_px) {
        {
            const std::lock_guard<std::mutex> lock(mutex_);
            if (!idle_.empty()) {
                std::unique_ptr<Worker> worker = std::move(idle_.back());
                idle_.pop_back();
                return worker;
            }
        }
        auto worker = std::make_unique<Worker>();
        char sentence[512] = "";
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.threads = threads;
        options.channels = channels ? &channels : nullptr;
        options.channels_length = channels ? 1 : 0;
        options.error_text = sentence;
        options.error_text_size = sizeof sentence;
        slimscale_handle *s = nullptr;
        if (slimscale_open(model->archive, &options, &s) != SLIMSCALE_OK)
            return Error{sentence};
        worker->handle.reset(s);
        if (slimscale_plan(s, width_px, height_px) != SLIMSCALE_OK)
            return Error{slimscale_error(s)};
        if (format.gray_as_y)
            SLIMSCALE_RETURN_IF_ERROR(make_chroma(*worker, width_px, height_px));
        return worker;
    }

    void give_back(std::unique_ptr<Worker> worker) {
        const std::lock_guard<std::mutex> lock(mutex_);
        idle_.push_back(std::move(worker));
    }

private:
    Status make_chroma(Worker &worker, int width_px, int height_px) const {
        const int bits = out.format.bitsPerSample;
        SLIMSCALE_ASSIGN_OR_RETURN(worker.neutral, neutral_chroma(format.format, width_px, height_px, bits));
        SLIMSCALE_ASSIGN_OR_RETURN(worker.dropped_u, neutral_chroma(format.format, out.width, out.height, bits));
        worker.dropped_v = worker.dropped_u;
        return Status();
    }

    std::mutex mutex_;
    std::vector<std::unique_ptr<Worker>> idle_;
};

slimscale_image image_of(const Format &format, const VSFrame *frame, const VSAPI *vs) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = format.format;
    image.width = vs->getFrameWidth(frame, 0);
    image.height = vs->getFrameHeight(frame, 0);
    for (int p = 0; p < vs->getVideoFrameFormat(frame)->numPlanes; p++) {
        image.planes[p] = const_cast<uint8_t *>(vs->getReadPtr(frame, p));  // an input is only read
        image.strides[p] = vs->getStride(frame, p);
    }
    return image;
}

Status upscale(Upscale &filter, const VSFrame *in, VSFrame *out, const VSAPI *vs) {
    const VSMap *properties = vs->getFramePropertiesRO(in);
    if (property(properties, "_FieldBased", 0, vs) != 0)
        return Error{"the clip is interlaced (_FieldBased); deinterlace it first"};
    SLIMSCALE_ASSIGN_OR_RETURN(const slimscale_matrix matrix, matrix_of(properties, vs));
    SLIMSCALE_ASSIGN_OR_RETURN(const slimscale_siting siting, siting_of(properties, vs));
    slimscale_image low = image_of(filter.format, in, vs), high = image_of(filter.format, out, vs);
    for (slimscale_image *image : {&low, &high}) {
        image->matrix = matrix;
        image->range = range_of(properties, vs);
        image->siting = siting;
    }
    SLIMSCALE_ASSIGN_OR_RETURN(std::unique_ptr<Worker> worker, filter.take(low.width, low.height));
    if (filter.format.gray_as_y) {
        set_chroma(low, worker->neutral, worker->neutral);
        set_chroma(high, worker->dropped_u, worker->dropped_v);
    }
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.channels = filter.channels;
    const slimscale_status status = slimscale_run(worker->handle.get(), &request, &low, &high, nullptr);
    Status outcome;
    if (status != SLIMSCALE_OK)
        outcome = Error{slimscale_error(worker->handle.get())};
    filter.give_back(std::move(worker));
    return outcome;
}

const VSFrame *VS_CC get_frame(int n, int reason, void *data, void **, VSFrameContext *context, VSCore *core,
                               const VSAPI *vs) {
    Upscale &filter = *static_cast<Upscale *>(data);
    if (reason == arInitial)
        vs->requestFrameFilter(n, filter.node, context);
    if (reason != arAllFramesReady)
        return nullptr;
    const VSFrame *in = vs->getFrameFilter(n, filter.node, context);
    VSFrame *out = vs->newVideoFrame(&filter.out.format, filter.out.width, filter.out.height, in, core);
    const Status status = upscale(filter, in, out, vs);
    vs->freeFrame(in);
    if (status)
        return out;
    vs->freeFrame(out);
    vs->setFilterError(("slimscale: " + status.error()).c_str(), context);
    return nullptr;
}

void VS_CC free_filter(void *data, VSCore *, const VSAPI *vs) {
    Upscale *filter = static_cast<Upscale *>(data);
    vs->freeNode(filter->node);
    delete filter;
}

// Precondition: `filter` has its node.
Status configure(Upscale &filter, const VSMap *in, const VSAPI *vs) {
    int error = 0;
    const char *name = vs->mapGetData(in, "model", 0, &error);
    SLIMSCALE_ASSIGN_OR_RETURN(filter.model, plugins::find_model(error ? "" : name));
    filter.channels = vs->mapGetIntSaturated(in, "channels", 0, &error);
    SLIMSCALE_RETURN_IF_ERROR(plugins::check_channels(*filter.model, filter.channels));
    const int threads = vs->mapGetIntSaturated(in, "threads", 0, &error);
    filter.threads = error ? 1 : threads;
    if (filter.threads < 0)
        return Error{"threads is negative; 0 takes as many as the process may use for each frame"};
    filter.out = *vs->getVideoInfo(filter.node);
    if (filter.out.format.colorFamily == cfUndefined || filter.out.width == 0 || filter.out.height == 0)
        return Error{"the clip changes its format or size; make it constant, or split it"};
    SLIMSCALE_ASSIGN_OR_RETURN(filter.format, find_format(filter.out.format));
    if (filter.model->colors == 1 && filter.out.format.colorFamily == cfRGB)
        return Error{filter.model->name + " takes luma alone; convert the clip to YUV or GRAY"};
    filter.out.width *= filter.model->scale;
    filter.out.height *= filter.model->scale;
    return Status();
}

void VS_CC create(const VSMap *in, VSMap *out, void *, VSCore *core, const VSAPI *vs) {
    auto filter = std::make_unique<Upscale>();
    filter->node = vs->mapGetNode(in, "clip", 0, nullptr);
    const Status status = configure(*filter, in, vs);
    if (!status) {
        vs->mapSetError(out, ("Upscale: " + status.error()).c_str());
        vs->freeNode(filter->node);
        return;
    }
    const VSFilterDependency source = {filter->node, rpStrictSpatial};
    const VSVideoInfo info = filter->out;
    vs->createVideoFilter(out, "Upscale", &info, get_frame, free_filter, fmParallel, &source, 1, filter.release(),
                          core);
}

}  // namespace

VS_EXTERNAL_API(void) VapourSynthPluginInit2(VSPlugin *plugin, const VSPLUGINAPI *api);
VS_EXTERNAL_API(void) VapourSynthPluginInit2(VSPlugin *plugin, const VSPLUGINAPI *api) {
    api->configPlugin("org.slimscale.vapoursynth", "slimscale", "Compiled super-resolution",
                      VS_MAKE_VERSION(SLIMSCALE_VERSION_MAJOR, SLIMSCALE_VERSION_MINOR), VAPOURSYNTH_API_VERSION, 0,
                      plugin);
    api->registerFunction("Upscale", "clip:vnode;model:data:opt;channels:int:opt;threads:int:opt;", "clip:vnode;",
                          create, nullptr, plugin);
}
