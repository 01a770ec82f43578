/* Opens MODEL with the target "auto", upscales one frame and prints the target or what went wrong. Tests run it with
   several libcuda.so.1, or none, in the library path. */
#include <slimscale/slimscale.h>

#include <stdio.h>

enum { kWidth = 5, kHeight = 4, kMostScale = 4 };

const slimscale_model *MODEL(void);

static slimscale_status run(slimscale_handle *s, int scale) {
    static unsigned char in[kWidth * kHeight * 3], out[kWidth * kHeight * 3 * kMostScale * kMostScale];
    slimscale_image from = SLIMSCALE_IMAGE_INIT, to = SLIMSCALE_IMAGE_INIT;
    from.width = kWidth, from.height = kHeight;
    from.planes[0] = in, from.strides[0] = kWidth * 3;
    to.width = scale * kWidth, to.height = scale * kHeight;
    to.planes[0] = out, to.strides[0] = scale * kWidth * 3;
    const slimscale_status status = slimscale_plan(s, kWidth, kHeight);
    return status != SLIMSCALE_OK ? status : slimscale_run(s, NULL, &from, &to, NULL);
}

int main(void) {
    char text[300] = "", error[300] = "";
    uint8_t storage[64];
    slimscale_model_info info;
    info.size = sizeof info;
    if (slimscale_describe(MODEL(), &info, storage) != SLIMSCALE_OK)
        return 1;
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.allow_untrained = 1;
    options.error_text = error;
    options.error_text_size = sizeof error;
    slimscale_handle *s = NULL;
    slimscale_describe_target(MODEL(), "cuda", 0, text, sizeof text);
    if (slimscale_open(MODEL(), &options, &s) != SLIMSCALE_OK || run(s, info.scale) != SLIMSCALE_OK) {
        printf("failed: %s\n", s ? slimscale_error(s) : error);
        slimscale_close(s);
        return 1;
    }
    printf("ran on %s; %s\n", slimscale_target(s), text);
    slimscale_close(s);
    return 0;
}
