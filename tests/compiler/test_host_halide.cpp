// Several models in a program that has its own Halide runtime do not affect it, or it them.
#include <HalideBuffer.h>
#include <host_pipeline.h>

#include <cstdlib>
#include <vector>

#include "slimscale/slimscale.h"
#include "slimscale_model_golden_carn_m_x2.h"
#include "slimscale_model_golden_rcan_x3.h"
#include "tests/catch.h"

namespace {

int host_allocations = 0, host_errors = 0;

void *count_malloc(void *, size_t bytes) {
    host_allocations++;
    return std::aligned_alloc(128, (bytes + 127) / 128 * 128);
}
void count_free(void *, void *memory) {
    std::free(memory);
}
void count_error(void *, const char *) {
    host_errors++;
}

// Planar, 0..1, every value different.
std::vector<float> upscale(const slimscale_model *model, const char *target, int side) {
    slimscale_model_info info{};
    info.size = sizeof info;
    uint8_t storage[64];
    REQUIRE(slimscale_describe(model, &info, storage) == SLIMSCALE_OK);
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.target = target;
    options.threads = 2;
    slimscale_handle *s = nullptr;
    REQUIRE(slimscale_open(model, &options, &s) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(s, side, side) == SLIMSCALE_OK);

    const int large = side * info.scale;
    const size_t plane = static_cast<size_t>(side) * side, large_plane = static_cast<size_t>(large) * large;
    std::vector<float> in(plane * info.colors), out(large_plane * info.colors);
    for (size_t i = 0; i < in.size(); i++)
        in[i] = static_cast<float>(i * 37 % 101) / 100;
    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;
    input.format = output.format = SLIMSCALE_PLANAR_F32;
    input.width = input.height = side;
    output.width = output.height = large;
    for (int c = 0; c < info.colors; c++) {
        input.planes[c] = in.data() + c * plane;
        output.planes[c] = out.data() + c * large_plane;
        input.strides[c] = side * static_cast<ptrdiff_t>(sizeof(float));
        output.strides[c] = large * static_cast<ptrdiff_t>(sizeof(float));
    }
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    REQUIRE(slimscale_run(s, &request, &input, &output, nullptr) == SLIMSCALE_OK);
    slimscale_close(s);
    return out;
}

void check_model(const slimscale_model *model) {
    const std::vector<float> fast = upscale(model, "auto", 13), plain = upscale(model, "naive", 13);
    REQUIRE(fast.size() == plain.size());
    for (size_t i = 0; i < fast.size(); i++)
        CHECK(fast[i] == Approx(plain[i]).margin(4e-5));  // 0.01 of 255
}

void check_host_pipeline() {
    Halide::Runtime::Buffer<float> in(17, 5), out(17, 5);
    in.for_each_element([&](int x, int y) { in(x, y) = static_cast<float>(x + 100 * y); });
    REQUIRE(host_pipeline(in, out) == 0);
    out.for_each_element([&](int x, int y) { CHECK(out(x, y) == 2 * static_cast<float>(x + 100 * y) + 1); });
}

}  // namespace

TEST_CASE("two models and a host's own Halide pipeline share a program without sharing a runtime") {
    halide_set_custom_malloc(count_malloc);
    halide_set_custom_free(count_free);
    halide_set_error_handler(count_error);

    check_host_pipeline();
    CHECK(host_allocations == 1);
    check_model(slimscale_model_golden_carn_m_x2());
    check_model(slimscale_model_golden_rcan_x3());
    CHECK(host_allocations == 1);  // the models drew nothing from the host's runtime
    check_host_pipeline();
    CHECK(host_allocations == 2);
    CHECK(host_errors == 0);
}
