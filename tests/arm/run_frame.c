/* Reads planar floats (0..1) from standard input, upscales them with the linked model, and writes planar floats.
   Usage: run_frame <width> <height> <channels of the width> <rows per band> <threads> */
#include <slimscale/slimscale.h>

#include <stdio.h>
#include <stdlib.h>

const slimscale_model *MODEL(void);

static int fail(const char *what, const char *why) {
    fprintf(stderr, "run_frame: %s: %s\n", what, why);
    return 1;
}

static void set_planes(slimscale_image *image, float *data, int colors, int width, int height) {
    image->format = SLIMSCALE_PLANAR_F32;
    image->width = width;
    image->height = height;
    for (int c = 0; c < colors; c++) {
        image->planes[c] = data + (size_t)c * (size_t)(width * height);
        image->strides[c] = width * (ptrdiff_t)sizeof(float);
    }
}

int main(int argc, char **argv) {
    if (argc != 6)
        return fail("usage", "run_frame <width> <height> <channels> <band rows> <threads>");
    const int width = atoi(argv[1]), height = atoi(argv[2]), channels = atoi(argv[3]);
    uint8_t storage[64];
    slimscale_model_info info;
    info.size = sizeof info;
    if (slimscale_describe(MODEL(), &info, storage) != SLIMSCALE_OK)
        return fail("describe", "failed");

    char text[400] = "";
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.channels = &channels;
    options.channels_length = 1;
    options.allow_untrained = 1;
    options.band_rows = atoi(argv[4]);
    options.threads = atoi(argv[5]);
    options.error_text = text;
    options.error_text_size = sizeof text;
    slimscale_handle *s = NULL;
    if (slimscale_open(MODEL(), &options, &s) != SLIMSCALE_OK)
        return fail("open", text);
    if (slimscale_plan(s, width, height) != SLIMSCALE_OK)
        return fail("plan", slimscale_error(s));

    const size_t samples = (size_t)info.colors * (size_t)(width * height),
                 grown = samples * (size_t)(info.scale * info.scale);
    float *in = malloc(samples * sizeof(float)), *out = malloc(grown * sizeof(float));
    if (!in || !out || fread(in, sizeof(float), samples, stdin) != samples)
        return fail("input", "too short");
    slimscale_image from = SLIMSCALE_IMAGE_INIT, to = SLIMSCALE_IMAGE_INIT;
    set_planes(&from, in, info.colors, width, height);
    set_planes(&to, out, info.colors, width * info.scale, height * info.scale);
    if (slimscale_run(s, NULL, &from, &to, NULL) != SLIMSCALE_OK)
        return fail("run", slimscale_error(s));
    if (fwrite(out, sizeof(float), grown, stdout) != grown)
        return fail("output", "not written");
    fprintf(stderr, "%s\n", slimscale_target(s));
    slimscale_close(s);
    free(in);
    free(out);
    return 0;
}
