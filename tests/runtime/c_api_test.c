/* The header is C, and a C program can use the whole API. Called by api_test.cpp; returns the line that failed, or 0.
 */
#include <slimscale/slimscale.h>

#include <string.h>

int use_c_api(const slimscale_model *model);

#define REQUIRE(condition)   \
    do {                     \
        if (!(condition))    \
            return __LINE__; \
    } while (0)

enum { kWidth = 6, kHeight = 5 };

int use_c_api(const slimscale_model *model) {
    uint8_t storage[64], low[kHeight * kWidth * 3], high[16 * kHeight * kWidth * 3];
    slimscale_model_info info;
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    slimscale_image in = SLIMSCALE_IMAGE_INIT, out = SLIMSCALE_IMAGE_INIT;
    slimscale_plan_info plan;
    slimscale_handle *s = NULL;

    info.size = sizeof info;
    REQUIRE(slimscale_describe(model, &info, storage) == SLIMSCALE_OK);
    REQUIRE(slimscale_open(model, &options, &s) == SLIMSCALE_OK);
    REQUIRE(slimscale_plan(s, kWidth, kHeight) == SLIMSCALE_OK);
    plan.size = sizeof plan;
    REQUIRE(slimscale_plan_describe(s, &plan) == SLIMSCALE_OK);
    REQUIRE(plan.workspace_bytes > 0 && plan.weights_bytes > 0 && plan.band_rows > 0);

    memset(low, 100, sizeof low);
    in.width = kWidth;
    in.height = kHeight;
    in.planes[0] = low;
    in.strides[0] = kWidth * 3;
    out.width = kWidth * info.scale;
    out.height = kHeight * info.scale;
    out.planes[0] = high;
    out.strides[0] = kWidth * info.scale * 3;
    REQUIRE(slimscale_run(s, &request, &in, &out, &report) == SLIMSCALE_OK);
    REQUIRE(report.channels == info.channels[info.channels_length - 1]);
    REQUIRE(report.actual_ms > 0 && strcmp(report.target, slimscale_target(s)) == 0);
    REQUIRE(strlen(slimscale_error(s)) == 0);
    slimscale_close(s);
    slimscale_close(NULL);
    return 0;
}
