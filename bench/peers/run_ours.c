/* slimscale as one of run.py's engines: worker.py's protocol over the C API.
 *
 *     run_ours IMAGES COLORS HEIGHT WIDTH OUTPUTS THREADS CHANNELS TARGET
 *
 * IMAGES and OUTPUTS are raw float planes, 0..1, of as many images as the file holds. Prints `ready <version>
 * <target>`; then each line N on standard input runs the first image N times and prints the times in milliseconds.
 * SLIMSCALE_MODEL names the archive's function. */
#include <slimscale/slimscale.h>

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

extern const slimscale_model *SLIMSCALE_MODEL(void);

static void fail(const char *what, const char *why) {
    fprintf(stderr, "run_ours: %s: %s\n", what, why);
    exit(1);
}

static double now_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static float *allocate(size_t count) {
    float *memory = malloc(count * sizeof *memory);
    if (!memory)
        fail("image", "out of memory");
    return memory;
}

static slimscale_image planar(float *data, int colors, int height, int width) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = SLIMSCALE_PLANAR_F32;
    image.width = width;
    image.height = height;
    for (int c = 0; c < colors; c++) {
        image.planes[c] = data + (size_t)c * (size_t)height * (size_t)width;
        image.strides[c] = (ptrdiff_t)((size_t)width * sizeof *data);
    }
    return image;
}

static FILE *open_file(const char *path, const char *mode) {
    FILE *file = fopen(path, mode);
    if (!file)
        fail(path, "cannot be opened");
    return file;
}

static slimscale_handle *open_model(int threads, int channels, const char *target) {
    char error[256] = "";
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.threads = threads;
    options.target = target;
    options.channels = &channels;
    options.channels_length = 1;
    options.allow_untrained = 1;
    options.error_text = error;
    options.error_text_size = sizeof error;
    slimscale_handle *s = NULL;
    if (slimscale_open(SLIMSCALE_MODEL(), &options, &s))
        fail("open", error);
    return s;
}

int main(int argc, char **argv) {
    if (argc != 9)
        fail("usage", "run_ours IMAGES COLORS HEIGHT WIDTH OUTPUTS THREADS CHANNELS TARGET");
    const int colors = atoi(argv[2]), height = atoi(argv[3]), width = atoi(argv[4]);
    slimscale_handle *s = open_model(atoi(argv[6]), atoi(argv[7]), argv[8]);

    slimscale_model_info info = {sizeof info};
    uint8_t storage[64];
    if (slimscale_describe(SLIMSCALE_MODEL(), &info, storage) || info.colors != colors)
        fail("model", "takes another number of colors than the image has");
    const size_t count = (size_t)colors * (size_t)height * (size_t)width;
    const size_t out_count = count * (size_t)info.scale * (size_t)info.scale;
    float *in_data = allocate(count), *out_data = allocate(out_count);
    const slimscale_image input = planar(in_data, colors, height, width);
    const slimscale_image output = planar(out_data, colors, height * info.scale, width * info.scale);

    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.channels = atoi(argv[7]);
    if (slimscale_plan(s, width, height))
        fail("plan", slimscale_error(s));
    FILE *images = open_file(argv[1], "rb"), *outputs = open_file(argv[5], "wb");
    int done = 0;
    for (; fread(in_data, sizeof *in_data, count, images) == count; done++) {
        if (slimscale_run(s, &request, &input, &output, NULL))
            fail("run", slimscale_error(s));
        if (fwrite(out_data, sizeof *out_data, out_count, outputs) != out_count)
            fail(argv[5], "cannot be written");
    }
    if (!done)
        fail(argv[1], "is shorter than an image");
    rewind(images);
    if (fread(in_data, sizeof *in_data, count, images) != count || fclose(images) || fclose(outputs))
        fail(argv[1], "cannot be read again, or the outputs not be written");
    if (slimscale_run(s, &request, &input, &output, NULL))
        fail("run", slimscale_error(s));

    printf("ready %d.%d.%d %s\n", SLIMSCALE_VERSION_MAJOR, SLIMSCALE_VERSION_MINOR, SLIMSCALE_VERSION_PATCH,
           slimscale_target(s));
    fflush(stdout);
    int frames;
    while (scanf("%d", &frames) == 1) {
        for (int i = 0; i < frames; i++) {
            const double start = now_ms();
            if (slimscale_run(s, &request, &input, &output, NULL))
                fail("run", slimscale_error(s));
            printf("%s%.4f", i ? " " : "", now_ms() - start);
        }
        printf("\n");
        fflush(stdout);
    }
    free(in_data);
    free(out_data);
    slimscale_close(s);
    return 0;
}
