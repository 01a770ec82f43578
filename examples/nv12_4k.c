/* Reads frames of NV12 from standard input and writes them at twice the size to standard output. It runs 16 channels in
   bands, so that it takes less than 64 MB:

       ffmpeg -i in.mp4 -f rawvideo -pix_fmt nv12 - | nv12_4k 1920 1080 > out.nv12

   Here the planes of a frame are one piece of memory. They may also lie apart, and their rows may have padding. */
#include <slimscale/slimscale.h>
#include <slimscale_model_edsr_small_x2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

static void fail(const char *why) {
    fprintf(stderr, "nv12_4k: %s\n", why);
    exit(1);
}

/* A frame in memory of its own, and how many bytes it has. */
static slimscale_image new_frame(int width, int height, size_t *bytes) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    size_t luma = 0, chroma = 0;
    int rows = 0, chroma_rows = 0;
    slimscale_plane_size(SLIMSCALE_NV12, width, height, 0, &luma, &rows);
    slimscale_plane_size(SLIMSCALE_NV12, width, height, 1, &chroma, &chroma_rows);
    image.format = SLIMSCALE_NV12, image.width = width, image.height = height;
    *bytes = luma * (size_t)rows + chroma * (size_t)chroma_rows;
    image.planes[0] = malloc(*bytes);
    if (!image.planes[0])
        fail("there is no memory for a frame");
    image.planes[1] = (unsigned char *)image.planes[0] + luma * (size_t)rows;
    image.strides[0] = (ptrdiff_t)luma;
    image.strides[1] = (ptrdiff_t)chroma;
    return image;
}

int main(int argc, char **argv) {
    const int width = argc > 2 ? atoi(argv[1]) : 0, height = argc > 2 ? atoi(argv[2]) : 0, channels = 16;
    size_t in_bytes, out_bytes;
    slimscale_image input = new_frame(width, height, &in_bytes), output = new_frame(2 * width, 2 * height, &out_bytes);
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    slimscale_handle *s = NULL;
    struct rusage usage;
    options.channels = &channels, options.channels_length = 1;
    options.memory_cap = 24 << 20; /* bytes that a plan may hold: its bands become as high as fit */
    const slimscale_status status = slimscale_open(slimscale_model_edsr_small_x2(), &options, &s);
    if (status != SLIMSCALE_OK)
        fail(slimscale_status_text(status));
    if (slimscale_plan(s, width, height) != SLIMSCALE_OK)
        fail(slimscale_error(s));
    while (fread(input.planes[0], 1, in_bytes, stdin) == in_bytes)
        if (slimscale_run(s, NULL, &input, &output, NULL) != SLIMSCALE_OK)
            fail(slimscale_error(s));
        else if (fwrite(output.planes[0], 1, out_bytes, stdout) != out_bytes)
            fail("standard output is closed");
    slimscale_close(s);
    free(input.planes[0]), free(output.planes[0]);
    getrusage(RUSAGE_SELF, &usage);
    return fprintf(stderr, "%ld KB were resident at most\n", usage.ru_maxrss) < 0;
}
