// One opened model that takes images: formats, transparency and gray are settled here, the rest is the C API's.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"
#include "extras/quality/planes.h"
#include "host/handle.h"
#include "host/models.h"
#include "slimscale/slimscale.h"

namespace slimscale::host {

// What a network sees beyond an image's edges. Its layers take zeros there, which tints what lies close to an edge.
enum class Border {
    zeros,      // what it was trained with and papers measure
    replicate,  // the edge pixels, repeated as far as the network sees, and cut off its result again; costs their time
    automatic   // replicate where the image is thinner than the network sees, all of which is close to an edge
};

class Upscaler {
public:
    // `model` must outlive the upscaler.
    Status open(const Model &model, const HandleOptions &options);

    // `input` is used up. The output keeps channels, bits and metadata, its density scaled. Gray through a color
    // network goes in as three equal colors and comes back as their luma; a luma network refuses color. Opaque images
    // stay opaque to the bit.
    Status upscale(images::Image input, const slimscale_request &request, images::Image &output,
                   slimscale_report &report);

    void use_border(Border border) { border_ = border; }  // of images; zeros until then

    // As the network gives it, with the opened width of so many channels: nothing is rounded or clamped.
    Status upscale(const quality::Planes &input, int channels, quality::Planes &output);

    // What the network's convolutions see of it: `ranges` is widened, or tested (slimscale.h, "Ranges").
    Status measure_ranges(const quality::Planes &input, int channels, std::vector<float> &ranges);
    Status test_ranges(const quality::Planes &input, int channels, const std::vector<float> &ranges, uint64_t &beyond,
                       uint64_t &total);

    // For inputs of this size; nothing if it is the plan already.
    Status plan(int width, int height);

    slimscale_handle *handle() const { return handle_.get(); }
    int threads() const { return threads_; }
    const std::vector<int> &widths() const { return widths_; }

private:
    Status run(images::Image &input, const slimscale_request &request, images::Image &output, slimscale_report &report);
    // Plans for the planes' size and calls call(their image, values 0..1).
    template <class Call>
    Status with_frame(const quality::Planes &input, Call call);

    // How many pixels to repeat around an image of this size; plans for it.
    Result<int> plan_border(int width, int height);

    const Model *model_ = nullptr;
    Border border_ = Border::zeros;
    Handle handle_;
    std::vector<int> widths_;
    int threads_ = 0;
    int planned_width_ = 0, planned_height_ = 0;
    int halo_px_ = -1;  // slimscale_plan_info's, which is the same in all plans of a handle; -1 before the first
};

}  // namespace slimscale::host
