// A user's program in C: it opens a model, upscales a picture of one color, and expects the same color at the larger
// size.
#include <slimscale/slimscale.h>

// MODEL names another model than the bundled one; its header is slimscale_model_<name>.h.
#ifndef MODEL
#define MODEL carn_m_x2
#endif
#define PASTE(a, b) a##b
#define FUNCTION(name) PASTE(slimscale_model_, name)
#define TEXT(name) #name
#define HEADER(name) TEXT(slimscale_model_##name.h)
#define HEADER_OF(name) HEADER(name)
#include HEADER_OF(MODEL)

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { kWidth = 19, kHeight = 13, kScale = 2, kMargin = 8, kColors = 3 };

static int report(slimscale_handle *s, const char *what, slimscale_status status) {
    fprintf(stderr, "%s: %s %s\n", what, slimscale_status_text(status), s ? slimscale_error(s) : "");
    slimscale_close(s);
    return EXIT_FAILURE;
}

static slimscale_image image_of(unsigned char *pixels, int width, int height) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.width = width;
    image.height = height;
    image.planes[0] = pixels;
    image.strides[0] = width * kColors;
    return image;
}

int main(void) {
    static unsigned char low[kHeight * kWidth * kColors];
    static unsigned char high[kScale * kHeight * kScale * kWidth * kColors];
    memset(low, 120, sizeof low);

    slimscale_handle *s = NULL;
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    slimscale_status status = slimscale_open(FUNCTION(MODEL)(), &options, &s);
    if (status != SLIMSCALE_OK)
        return report(s, "open", status);
    status = slimscale_plan(s, kWidth, kHeight);
    if (status != SLIMSCALE_OK)
        return report(s, "plan", status);

    const slimscale_image input = image_of(low, kWidth, kHeight);
    const slimscale_image output = image_of(high, kScale * kWidth, kScale * kHeight);
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_report result = SLIMSCALE_REPORT_INIT;
    status = slimscale_run(s, &request, &input, &output, &result);
    if (status != SLIMSCALE_OK)
        return report(s, "run", status);

    // Zero padding shows near the frame's edge, so only the inside is looked at.
    for (int y = kMargin; y < kScale * kHeight - kMargin; y++)
        for (int x = kMargin; x < kScale * kWidth - kMargin; x++) {
            const int value = high[(y * kScale * kWidth + x) * kColors];
            if (abs(value - 120) > 3) {
                fprintf(stderr, "pixel (%d, %d) is %d, not about 120\n", x, y, value);
                slimscale_close(s);
                return EXIT_FAILURE;
            }
        }
    printf("%dx%d by %d channels on %s\n", output.width, output.height, result.channels, result.target);
    slimscale_close(s);
    return EXIT_SUCCESS;
}
