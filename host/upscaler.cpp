#include "host/upscaler.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "extras/images/channels.h"
#include "extras/images/metadata.h"
#include "host/alpha.h"

namespace slimscale::host {
namespace {

slimscale_format format_of(const images::Image &image) {
    const bool wide = image.bits == 16;
    switch (image.channels) {
    case 1:
        return wide ? SLIMSCALE_GRAY16 : SLIMSCALE_GRAY8;
    case 2:
        return wide ? SLIMSCALE_GRAYA16 : SLIMSCALE_GRAYA8;
    case 3:
        return wide ? SLIMSCALE_RGB16 : SLIMSCALE_RGB8;
    default:
        return wide ? SLIMSCALE_RGBA16 : SLIMSCALE_RGBA8;
    }
}

slimscale_image view_of(images::Image &image) {
    slimscale_image view = SLIMSCALE_IMAGE_INIT;
    view.format = format_of(image);
    view.width = image.width;
    view.height = image.height;
    view.planes[0] = image.samples.data();
    view.strides[0] = static_cast<ptrdiff_t>(image.row_bytes());
    return view;
}

// White on the scale of quality::Planes; the C API's floats have it at 1.
constexpr float kWhite = 255;

slimscale_image view_of(quality::Planes &planes) {
    slimscale_image view = SLIMSCALE_IMAGE_INIT;
    view.format = SLIMSCALE_PLANAR_F32;
    view.width = planes.width;
    view.height = planes.height;
    for (int c = 0; c < planes.channels; c++) {
        view.planes[c] = planes.values.data() + static_cast<size_t>(c) * planes.plane_size();
        view.strides[c] = static_cast<ptrdiff_t>(sizeof(float)) * planes.width;
    }
    return view;
}

void scale_values(quality::Planes &planes, float factor) {
    for (float &value : planes.values)
        value *= factor;
}

quality::Planes in_unit(quality::Planes planes) {
    scale_values(planes, 1 / kWhite);
    return planes;
}

}  // namespace

Status Upscaler::open(const Model &model, const HandleOptions &options) {
    std::string sentence;
    const slimscale_status status = open_handle(model, options, handle_, sentence);
    model_ = &model;
    widths_ = options.widths;
    threads_ = threads_of(options);
    planned_width_ = planned_height_ = 0;
    halo_px_ = -1;
    if (status == SLIMSCALE_OK)
        return Status();
    return Error{sentence.empty() ? slimscale_status_text(status) : sentence};
}

Status Upscaler::upscale(images::Image input, const slimscale_request &request, images::Image &output,
                         slimscale_report &report) {
    const int channels = input.channels;
    const bool transparent = !images::fully_opaque(input);
    if (input.has_alpha() && !transparent)
        input = images::without_alpha(input);
    if (transparent)
        bleed_colors(input);
    if (input.colors() < model_->colors)
        input = images::gray_to_rgb(input);
    // Colors for a luma network need no conversion: the library sends luma through the network and enlarges chroma by
    // its cubic.

    SLIMSCALE_RETURN_IF_ERROR(run(input, request, output, report));
    if (channels <= 2 && output.channels >= 3)
        output = images::rgb_to_gray(output);
    if (output.channels != channels)
        output = images::with_opaque_alpha(output);
    images::scale_density(output.metadata, model_->scale);
    return Status();
}

Result<int> Upscaler::plan_border(int width, int height) {
    if (halo_px_ < 0) {
        SLIMSCALE_RETURN_IF_ERROR(plan(width, height));
        slimscale_plan_info info = {};
        info.size = sizeof info;
        if (slimscale_plan_describe(handle_.get(), &info) != SLIMSCALE_OK)
            return Error{slimscale_error(handle_.get())};
        halo_px_ = info.halo_px;
    }
    const bool thin = std::min(width, height) < halo_px_;
    const int border = border_ == Border::replicate || (border_ == Border::automatic && thin) ? halo_px_ : 0;
    SLIMSCALE_RETURN_IF_ERROR(plan(width + 2 * border, height + 2 * border));
    return border;
}

Status Upscaler::run(images::Image &input, const slimscale_request &request, images::Image &output,
                     slimscale_report &report) {
    SLIMSCALE_ASSIGN_OR_RETURN(const int border, plan_border(input.width, input.height));
    std::vector<images::Chunk> metadata = std::move(input.metadata);
    if (border > 0)
        input = images::with_replicated_edges(input, border);
    slimscale_handle *s = handle_.get();
    const int scale = model_->scale;
    output = images::Image{input.width * scale, input.height * scale, input.channels, input.bits, {}, {}};
    SLIMSCALE_RETURN_IF_ERROR(images::check_memory(uint64_t{output.row_bytes()} * static_cast<uint64_t>(output.height),
                                                   "its result of " + base::size_text(output.width, output.height)));
    output.allocate();
    const slimscale_image from = view_of(input), to = view_of(output);
    report = SLIMSCALE_REPORT_INIT;
    if (slimscale_run(s, &request, &from, &to, &report) != SLIMSCALE_OK)
        return Error{slimscale_error(s)};
    if (border > 0)
        output = images::without_edges(output, border * scale);
    output.metadata = std::move(metadata);
    return Status();
}

template <class Call>
Status Upscaler::with_frame(const quality::Planes &input, Call call) {
    SLIMSCALE_RETURN_IF_ERROR(plan(input.width, input.height));
    quality::Planes unit = in_unit(input);
    return call(view_of(unit)) == SLIMSCALE_OK ? Status() : Error{slimscale_error(handle_.get())};
}

Status Upscaler::measure_ranges(const quality::Planes &input, int channels, std::vector<float> &ranges) {
    return with_frame(input, [&](const slimscale_image &from) {
        return slimscale_measure_ranges(handle_.get(), channels, &from, ranges.data(), ranges.size());
    });
}

Status Upscaler::test_ranges(const quality::Planes &input, int channels, const std::vector<float> &ranges,
                             uint64_t &beyond, uint64_t &total) {
    return with_frame(input, [&](const slimscale_image &from) {
        return slimscale_test_ranges(handle_.get(), channels, &from, ranges.data(), ranges.size(), &beyond, &total);
    });
}

Status Upscaler::upscale(const quality::Planes &input, int channels, quality::Planes &output) {
    SLIMSCALE_RETURN_IF_ERROR(with_frame(input, [&](const slimscale_image &from) {
        output = {input.width * model_->scale, input.height * model_->scale, input.channels, {}};
        output.allocate();
        const slimscale_image to = view_of(output);
        slimscale_request request = SLIMSCALE_REQUEST_INIT;
        request.channels = channels;
        return slimscale_run(handle_.get(), &request, &from, &to, nullptr);
    }));
    scale_values(output, kWhite);
    return Status();
}

Status Upscaler::plan(int width, int height) {
    if (width == planned_width_ && height == planned_height_)
        return Status();
    const int scale = model_->scale;
    SLIMSCALE_RETURN_IF_ERROR(images::check_size(uint64_t{1} * width * scale, uint64_t{1} * height * scale),
                              "its result would be ");
    slimscale_handle *s = handle_.get();
    const slimscale_status planned = slimscale_plan(s, width, height);
    if (planned == SLIMSCALE_OVER_MEMORY_CAP)
        return Error{std::string(slimscale_error(s)) + " (the cap is --memory's)"};
    if (planned != SLIMSCALE_OK)
        return Error{slimscale_error(s)};
    planned_width_ = width;
    planned_height_ = height;
    return Status();
}

}  // namespace slimscale::host
