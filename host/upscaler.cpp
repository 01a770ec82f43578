#include "host/upscaler.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/text.h"
#include "extras/images/channels.h"
#include "extras/images/metadata.h"
#include "host/alpha.h"
#include "host/words.h"

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

// What a network of so many colors takes of an image. Colors for a luma network need no conversion: the library sends
// luma through the network and enlarges chroma by its cubic.
images::Image to_network(images::Image image, bool drops_alpha, int colors) {
    if (drops_alpha)
        image = images::without_alpha(image);
    if (image.colors() < colors)
        image = images::gray_to_rgb(image);
    return image;
}

// Its result as one of `channels`, those that the image had; alpha that was dropped is opaque.
images::Image from_network(images::Image result, int channels) {
    if (channels <= 2 && result.channels >= 3)
        result = images::rgb_to_gray(result);
    if (result.channels != channels)
        result = images::with_opaque_alpha(result);
    return result;
}

}  // namespace

Status parse_border(const std::string &text, Border &border) {
    constexpr Word<Border> kWords[] = {
        {"auto", Border::automatic}, {"zeros", Border::zeros}, {"replicate", Border::replicate}};
    return parse_word(text, "border", kWords, border);
}

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
    const bool opaque = images::fully_opaque(input), drops_alpha = opaque && input.has_alpha();
    if (!opaque)
        bleed_colors(input);
    input = to_network(std::move(input), drops_alpha, model_->colors);
    SLIMSCALE_RETURN_IF_ERROR(run(input, request, output, report));
    output = from_network(std::move(output), channels);
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
    SLIMSCALE_RETURN_IF_ERROR(
        images::check_memory(output.sample_bytes(), "its result of " + base::size_text(output.width, output.height)));
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

images::Image Upscaler::result_of(const images::Image &image) const {
    const int scale = model_->scale;
    images::Image result{image.width * scale, image.height * scale, image.channels, image.bits, {}, image.metadata};
    images::scale_density(result.metadata, scale);
    return result;
}

bool Upscaler::takes_rows(int width, int height) {
    const Result<int> border = plan_border(width, height);
    if (!border)
        return false;
    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;
    input.format = output.format = model_->colors == 3 ? SLIMSCALE_RGB8 : SLIMSCALE_GRAY8;
    input.width = planned_width_;
    input.height = planned_height_;
    output.width = planned_width_ * model_->scale;
    output.height = planned_height_ * model_->scale;
    const slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_rows_info info = {};
    info.size = sizeof info;
    return slimscale_describe_rows(handle_.get(), &request, &input, &output, &info) == SLIMSCALE_OK;
}

// One image on its way through the network in rows, with the border around it.
class Upscaler::Rows {
public:
    Rows(slimscale_handle *s, const Model &model, images::RowReader &from, bool opaque, images::RowWriter &to,
         int border)
        : s_(s), from_(from), to_(to), scale_(model.scale), colors_(model.colors), border_(border),
          about_(from.image()), drops_alpha_(about_.has_alpha() && opaque), row_(about_.row_bytes()),
          in_(padded(about_, kBand)) {
        const images::Image fed = to_network(in_, drops_alpha_, colors_);
        out_ = {fed.width * scale_, kBand * scale_, fed.channels, fed.bits, {}, {}};
        out_.allocate();
    }
    ~Rows() {
        if (begun_)
            slimscale_end_rows(s_, nullptr);
    }
    Rows(const Rows &) = delete;
    Rows &operator=(const Rows &) = delete;

    Status run(const slimscale_request &request, slimscale_report &report) {
        images::Image fed = to_network(in_, drops_alpha_, colors_);
        slimscale_image input = view_of(fed), output = view_of(out_);
        const int height = about_.height + 2 * border_;
        input.height = height;
        output.height = height * scale_;
        if (slimscale_begin_rows(s_, &request, &input, &output) != SLIMSCALE_OK)
            return fault();
        begun_ = true;
        for (int y = 0; y < height; y += in_.height) {
            in_.height = std::min(kBand, height - y);
            SLIMSCALE_RETURN_IF_ERROR(read_band(y));
            SLIMSCALE_RETURN_IF_ERROR(push_band());
        }
        begun_ = false;
        return slimscale_end_rows(s_, &report) == SLIMSCALE_OK ? Status() : fault();
    }

private:
    static constexpr int kBand = 16;  // rows at a time

    images::Image padded(const images::Image &about, int rows) const {
        images::Image band{about.width + 2 * border_, rows, about.channels, about.bits, {}, {}};
        band.allocate();
        return band;
    }

    // Fills in_ with rows from y on, of the image with its border.
    Status read_band(int y) {
        const size_t pixel = static_cast<size_t>(about_.channels) * (about_.bits / 8);
        for (int i = 0; i < in_.height; i++) {
            const int wanted = std::clamp(y + i - border_, 0, about_.height - 1);
            for (; rows_read_ <= wanted; rows_read_++)
                SLIMSCALE_RETURN_IF_ERROR(from_.read(row_.data(), 1));
            uint8_t *to = in_.samples.data() + static_cast<size_t>(i) * in_.row_bytes();
            for (int x = 0; x < border_; x++) {
                std::copy_n(row_.data(), pixel, to + x * pixel);
                std::copy_n(row_.data() + row_.size() - pixel, pixel, to + (in_.width - 1 - x) * pixel);
            }
            std::copy(row_.begin(), row_.end(), to + border_ * pixel);
        }
        return Status();
    }

    Status push_band() {
        images::Image fed = to_network(in_, drops_alpha_, colors_);
        for (int y = 0; y < in_.height;) {
            slimscale_image rows = view_of(fed);
            rows.planes[0] = fed.samples.data() + static_cast<size_t>(y) * fed.row_bytes();
            rows.height = in_.height - y;
            int pushed = 0;
            if (slimscale_push_rows(s_, &rows, &pushed) != SLIMSCALE_OK)
                return fault();
            y += pushed;
            SLIMSCALE_RETURN_IF_ERROR(take_bands());
        }
        return Status();
    }

    Status take_bands() {
        for (;;) {
            out_.height = kBand * scale_;
            const slimscale_image rows = view_of(out_);
            int taken = 0;
            if (slimscale_take_rows(s_, &rows, &taken) != SLIMSCALE_OK)
                return fault();
            if (taken == 0)
                return Status();
            out_.height = taken;
            SLIMSCALE_RETURN_IF_ERROR(write_band());
            rows_taken_ += taken;
        }
    }

    // Writes what of out_ belongs to the image.
    Status write_band() {
        images::Image band = from_network(out_, about_.channels);
        const int first = std::max(0, border_ * scale_ - rows_taken_);
        const int end = std::min(band.height, (border_ + about_.height) * scale_ - rows_taken_);
        if (first >= end)
            return Status();
        const size_t pixel = static_cast<size_t>(band.channels) * (band.bits / 8);
        const size_t row_bytes = band.row_bytes(), kept = static_cast<size_t>(about_.width * scale_) * pixel;
        for (int y = first; border_ > 0 && y < end; y++)  // in place: rows move towards the first
            std::copy_n(band.samples.begin() + static_cast<ptrdiff_t>(y * row_bytes + border_ * scale_ * pixel), kept,
                        band.samples.begin() + static_cast<ptrdiff_t>(first * row_bytes + (y - first) * kept));
        return to_.write(band.samples.data() + first * row_bytes, end - first);
    }

    Error fault() const { return Error{slimscale_error(s_)}; }

    slimscale_handle *s_;
    images::RowReader &from_;
    images::RowWriter &to_;
    const int scale_, colors_, border_;
    const images::Image &about_;
    const bool drops_alpha_;
    bool begun_ = false;
    std::vector<uint8_t> row_;  // the last that was read
    images::Image in_, out_;    // bands
    int rows_read_ = 0, rows_taken_ = 0;
};

Status Upscaler::upscale(images::RowReader &from, bool opaque, const slimscale_request &request, images::RowWriter &to,
                         slimscale_report &report) {
    SLIMSCALE_ASSIGN_OR_RETURN(const int border, plan_border(from.image().width, from.image().height));
    report = SLIMSCALE_REPORT_INIT;
    return Rows(handle_.get(), *model_, from, opaque, to, border).run(request, report);
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

Status Upscaler::count_values(const quality::Planes &input, int channels, std::vector<uint64_t> &counts) {
    return with_frame(input, [&](const slimscale_image &from) {
        return slimscale_count_values(handle_.get(), channels, &from, counts.data(), counts.size());
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
