/* A camera's pipeline in bands of rows, in which no stage ever holds a whole frame. A sensor (standard input) delivers
   Bayer rows (RGGB, 10 bits in 16-bit words). A stage before the network bins 2x2 pixels to RGB and applies a gamma
   curve, the network brings the picture back to the sensor's size, and an encoder (a file) takes NV12.

       band_pipeline 1920 1080 out.nv12 < in.bayer           (width and height of the sensor, even) */
#include <math.h>
#include <slimscale/slimscale.h>
#include <slimscale_model_edsr_small_x2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { kBand = 8 }; /* rows that are pushed at a time (binned ones), and rows that are taken at a time */

static void fail(const char *why) {
    fprintf(stderr, "band_pipeline: %s\n", why);
    exit(1);
}

/* Makes one row of RGB, 16 bits, of two rows of the sensor. */
static void bin(const uint16_t *sensor, int width, const uint16_t *gamma, uint16_t *rgb) {
    for (int x = 0; x < width / 2; x++) {
        const uint16_t *top = sensor + 2 * x, *bottom = top + width;
        rgb[3 * x] = gamma[top[0] & 1023];
        rgb[3 * x + 1] = gamma[((top[1] & 1023) + (bottom[0] & 1023)) / 2];
        rgb[3 * x + 2] = gamma[bottom[1] & 1023];
    }
}

/* Writes the band's luma rows, which begin at `row` of the frame, and its chroma rows to their places in the file.
   Returns 1 on success. */
static int encode(FILE *out, const slimscale_image *band, int row, int rows, long luma_bytes) {
    const size_t width = (size_t)band->width;
    if (fseek(out, (long)width * row, SEEK_SET) != 0 ||
        fwrite(band->planes[0], width, (size_t)rows, out) != (size_t)rows)
        return 0;
    const size_t chroma_rows = (size_t)rows / 2;
    return fseek(out, luma_bytes + (long)width * (row / 2), SEEK_SET) == 0 &&
           fwrite(band->planes[1], width, chroma_rows, out) == chroma_rows;
}

int main(int argc, char **argv) {
    const int width = argc > 3 ? atoi(argv[1]) / 2 * 2 : 0, height = argc > 3 ? atoi(argv[2]) / 2 * 2 : 0,
              channels = 16;
    FILE *out = width > 0 && height > 0 ? fopen(argv[3], "wb") : NULL;
    if (!out)
        fail("usage: band_pipeline WIDTH HEIGHT OUT < BAYER");
    uint16_t gamma[1024];
    for (int i = 0; i < 1024; i++)
        gamma[i] = (uint16_t)lround(65535 * pow(i / 1023.0, 1 / 2.2));
    uint16_t *sensor = malloc(sizeof *sensor * 2 * (size_t)width);
    uint16_t *rgb = malloc(sizeof *rgb * 3 * (size_t)(width / 2) * kBand);
    unsigned char *nv12 = malloc((size_t)width * kBand * 3 / 2);

    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;
    input.format = SLIMSCALE_RGB16, input.width = width / 2, input.height = height / 2;
    output.format = SLIMSCALE_NV12, output.width = width, output.height = height;
    slimscale_image rows = input, band = output;
    rows.planes[0] = rgb, rows.strides[0] = 3 * (width / 2) * (ptrdiff_t)sizeof *rgb;
    band.planes[0] = nv12, band.planes[1] = nv12 + (size_t)width * kBand, band.height = kBand;
    band.strides[0] = band.strides[1] = width;

    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.channels = &channels, options.channels_length = 1, options.band_rows = kBand;
    slimscale_handle *s = NULL;
    slimscale_rows_info info = {sizeof info, 0, 0, 0, 0};
    if (!sensor || !rgb || !nv12 || slimscale_open(slimscale_model_edsr_small_x2(), &options, &s) != SLIMSCALE_OK)
        fail("no memory, or no target for this machine");
    if (slimscale_plan(s, width / 2, height / 2) != SLIMSCALE_OK ||
        slimscale_describe_rows(s, NULL, &input, &output, &info) != SLIMSCALE_OK ||
        slimscale_begin_rows(s, NULL, &input, &output) != SLIMSCALE_OK)
        fail(slimscale_error(s));
    fprintf(stderr, "%d rows of latency, %zu KB for rows that wait\n", info.latency_rows, info.bytes / 1024);

    for (int y = 0, done = 0; y < height / 2; y += rows.height) {
        rows.height = height / 2 - y < kBand ? height / 2 - y : kBand;
        for (int i = 0; i < rows.height; i++) {
            if (fread(sensor, sizeof *sensor, 2 * (size_t)width, stdin) != 2 * (size_t)width)
                fail("the sensor stopped within the frame");
            bin(sensor, width, gamma, rgb + 3 * (size_t)(width / 2) * (size_t)i);
        }
        int pushed = 0, taken = 0;
        if (slimscale_push_rows(s, &rows, &pushed) != SLIMSCALE_OK || pushed < rows.height)
            fail(slimscale_error(s));
        do {
            if (slimscale_take_rows(s, &band, &taken) != SLIMSCALE_OK)
                fail(slimscale_error(s));
            if (!encode(out, &band, done, taken, (long)width * height))
                fail("the file cannot be written");
            done += taken;
        } while (taken > 0);
    }
    slimscale_end_rows(s, NULL);
    slimscale_close(s);
    free(sensor), free(rgb), free(nv12);
    if (fclose(out) != 0)
        fail("the file cannot be written");
    return 0;
}
