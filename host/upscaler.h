// One opened model that takes images: this class deals with formats, transparency and gray, the C API with the rest.
#pragma once

#include <cstdint>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"
#include "extras/images/rows.h"
#include "extras/quality/planes.h"
#include "host/handle.h"
#include "host/models.h"
#include "slimscale/slimscale.h"

namespace slimscale::host {

// What a network sees beyond an image's edges. Its layers take zeros there, which tints pixels close to an edge.
enum class Border {
    zeros,      // what networks are trained with and papers measure
    replicate,  // the edge pixels, repeated as far as the network sees and cut off its result again, which costs time
    automatic   // replicate if the image is thinner than the network sees, so that all of it is close to an edge
};

// "auto", "zeros" or "replicate". After an error `border` is unchanged.
Status parse_border(const std::string &text, Border &border);

class Upscaler {
public:
    // `model` must outlive the upscaler.
    Status open(const Model &model, const HandleOptions &options);

    // `input` is consumed. The output keeps channels, bits and metadata; its density is scaled. A color network takes
    // gray as three equal colors, and its output becomes gray by luma; a luma network takes the luma of a color image,
    // whose chroma the library enlarges. Opaque images stay opaque to the bit.
    Status upscale(images::Image input, const slimscale_request &request, images::Image &output,
                   slimscale_report &report);

    // The same in bands of rows, so that neither image is in memory as a whole; the pixels are the same. Takes the
    // image from its first row to its end, and gives all rows of result_of() it, neither's end called. `opaque`:
    // whether alpha, if there is any, is opaque everywhere; if not, bleed_colors() came before. Preconditions:
    // takes_rows() of the image's size; the rows are in order, and the image upright.
    Status upscale(images::RowReader &from, bool opaque, const slimscale_request &request, images::RowWriter &to,
                   slimscale_report &report);
    // Plans for an image of this size and says whether it can go in rows: on processors, unless the network takes means
    // over the whole image (RCAN).
    bool takes_rows(int width, int height);
    // Size, channels, bits and metadata of an image's result; no samples.
    images::Image result_of(const images::Image &image) const;

    void use_border(Border border) { border_ = border; }  // for images; zeros by default

    // Upscales with the opened width of so many channels. Nothing is rounded or clamped.
    Status upscale(const quality::Planes &input, int channels, quality::Planes &output);

    // Widens `ranges` to the inputs of the network's convolutions, or tests them (slimscale.h, "Ranges").
    Status measure_ranges(const quality::Planes &input, int channels, std::vector<float> &ranges);
    // Adds the number of inputs in each bin to `counts` (slimscale_count_values).
    Status count_values(const quality::Planes &input, int channels, std::vector<uint64_t> &counts);
    Status test_ranges(const quality::Planes &input, int channels, const std::vector<float> &ranges, uint64_t &beyond,
                       uint64_t &total);

    // Plans for inputs of this size; does nothing if that is the plan already.
    Status plan(int width, int height);

    slimscale_handle *handle() const { return handle_.get(); }
    int threads() const { return threads_; }
    const std::vector<int> &widths() const { return widths_; }

private:
    class Rows;
    Status run(images::Image &input, const slimscale_request &request, images::Image &output, slimscale_report &report);
    // Plans for the planes' size and calls call(their image, values 0..1).
    template <class Call>
    Status with_frame(const quality::Planes &input, Call call);

    // Returns how many pixels to repeat around an image of this size, and plans for the enlarged size.
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
