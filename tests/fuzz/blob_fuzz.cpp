// Packed weights that a caller gives to slimscale_open are refused, or make a network that runs, whatever their
// numbers.
#include <vector>

#include "contract/blob_view.h"
#include "slimscale/slimscale.h"
#include "tests/fuzz/fuzz.h"

using namespace slimscale;
using slimscale::fuzz::Guarded;

extern "C" const slimscale_model *const slimscale_models[];  // null-terminated

namespace {

constexpr int kWidth = 5, kHeight = 3;

// Reads all that the view offers.
void read_all(const BlobView &view) {
    volatile float sum = 0;  // so that the reads are done
    for (uint32_t w = 0; w < view.header->q16_count; w++)
        if (const float *ranges = view.q16_ranges(static_cast<int>(view.q16_widths[w])))
            sum = sum + ranges[0] + ranges[q16_stride(*view.header) - 1];
    for (uint32_t w = 0; w < view.header->int8_count; w++)
        if (const float *ranges = view.int8_ranges(static_cast<int>(view.int8_widths[w])))
            sum = sum + ranges[0] + ranges[int8_stride(*view.header) - 1];
    for (uint32_t w = 0; w < view.header->self_test_count; w++)
        if (const float *numbers = view.self_test(static_cast<int>(view.self_test_widths[w])))
            sum = sum + numbers[0] + numbers[self_test_stride(*view.header) - 1];
    for (uint32_t i = 0; i < view.header->filter_count; i++)
        sum = sum + view.weights(i)[0] + view.weights(i)[weight_count(view.filters[i]) - 1] +
              view.bias(i)[tail_count(view.filters[i]) - 1];
    for (uint32_t i = 0; i < view.header->trained_count; i++)
        FUZZ_EXPECT(view.is_trained(view.trained[i]));
}

void run(slimscale_handle *s, int colors, int scale) {
    const size_t in_pixels = kWidth * kHeight, out_pixels = in_pixels * static_cast<size_t>(scale * scale);
    const Guarded in(in_pixels * sizeof(float), alignof(float));
    std::vector<float> out(out_pixels * static_cast<size_t>(colors));
    slimscale_image from = SLIMSCALE_IMAGE_INIT, to = SLIMSCALE_IMAGE_INIT;
    from.format = to.format = SLIMSCALE_PLANAR_F32;
    from.width = kWidth, from.height = kHeight;
    to.width = kWidth * scale, to.height = kHeight * scale;
    for (int c = 0; c < colors; c++) {
        from.planes[c] = in.data();
        from.strides[c] = kWidth * static_cast<ptrdiff_t>(sizeof(float));
        to.planes[c] = out.data() + static_cast<size_t>(c) * out_pixels;
        to.strides[c] = from.strides[c] * scale;
    }
    FUZZ_EXPECT(slimscale_plan(s, kWidth, kHeight) == SLIMSCALE_OK);
    FUZZ_EXPECT(slimscale_run(s, nullptr, &from, &to, nullptr) == SLIMSCALE_OK);
}

void open(const uint8_t *data, size_t size) {
    const Guarded blob(data, size, 8);
    BlobView view;
    if (slimscale::open_blob(blob.data(), size, &view) != nullptr)
        return;
    read_all(view);
    for (int i = 0; slimscale_models[i]; i++) {
        slimscale_options options = SLIMSCALE_OPTIONS_INIT;
        options.target = "baseline";
        options.threads = 1;
        options.allow_untrained = 1;
        options.self_test = size % 2;
        options.weights = blob.data();
        options.weights_size = size;
        char error[200] = "";
        options.error_text = error;
        options.error_text_size = sizeof error;
        slimscale_handle *s = nullptr;
        const slimscale_status status = slimscale_open(slimscale_models[i], &options, &s);
        FUZZ_EXPECT((status == SLIMSCALE_OK) == (s != nullptr));
        FUZZ_EXPECT(status == SLIMSCALE_OK || error[0] != 0);
        FUZZ_EXPECT(status != SLIMSCALE_PIPELINE_FAILED);
        slimscale_model_info info{};
        info.size = sizeof info;
        uint8_t storage[64];
        FUZZ_EXPECT(slimscale_describe(slimscale_models[i], &info, storage) == SLIMSCALE_OK);
        if (s)
            run(s, info.colors, info.scale);
        slimscale_close(s);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    open(data, size);
    // The code behind the checks of the header's beginning is reached with magic, version, size and checksum made
    // right.
    std::vector<uint8_t> renewed(data, data + size);
    if (size < sizeof(BlobHeader))
        return 0;
    constexpr size_t kCovered = offsetof(BlobHeader, total_bytes);
    std::memcpy(renewed.data(), kBlobMagic, sizeof kBlobMagic);
    std::memcpy(renewed.data() + offsetof(BlobHeader, version), &kBlobVersion, sizeof kBlobVersion);
    const uint64_t bytes = size;
    std::memcpy(renewed.data() + kCovered, &bytes, sizeof bytes);
    const uint32_t sum = crc32(renewed.data() + kCovered, size - kCovered);
    std::memcpy(renewed.data() + offsetof(BlobHeader, crc32), &sum, sizeof sum);
    open(renewed.data(), size);
    return 0;
}
