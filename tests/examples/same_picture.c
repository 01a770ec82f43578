/* Holds a picture of the viewer's window against the library's output at 16 channels of the frame on standard input:

       same_picture WIDTH HEIGHT PICTURE.bmp < NV12                  (size of the small frame) */
#define SDL_MAIN_HANDLED
#include <SDL.h>
#include <slimscale/slimscale.h>
#include <slimscale_model_edsr_small_x2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int fail(const char *why) {
    return fprintf(stderr, "same_picture: %s\n", why), 1;
}

int main(int argc, char **argv) {
    if (argc < 4)
        return fail("usage: same_picture WIDTH HEIGHT PICTURE.bmp < NV12");
    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;
    input.width = atoi(argv[1]), input.height = atoi(argv[2]);
    output.width = 2 * input.width, output.height = 2 * input.height;
    const size_t luma = (size_t)input.width * (size_t)input.height, pixels = 4 * luma;
    unsigned char *frame = malloc(luma * 3 / 2), *expected = malloc(4 * pixels);
    if (!frame || !expected || fread(frame, 1, luma * 3 / 2, stdin) != luma * 3 / 2)
        return fail("no frame");
    input.format = SLIMSCALE_NV12;
    input.planes[0] = frame, input.planes[1] = frame + luma;
    input.strides[0] = input.strides[1] = input.width;
    output.format = SLIMSCALE_BGRX8;
    output.planes[0] = expected, output.strides[0] = 4 * output.width;

    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_handle *s = NULL;
    request.channels = 16;
    if (slimscale_open(slimscale_model_edsr_small_x2(), &options, &s) != SLIMSCALE_OK ||
        slimscale_plan(s, input.width, input.height) != SLIMSCALE_OK ||
        slimscale_run(s, &request, &input, &output, NULL) != SLIMSCALE_OK)
        return fail(s ? slimscale_error(s) : "open");
    slimscale_close(s);

    SDL_Surface *file = SDL_LoadBMP(argv[3]);
    SDL_Surface *shown = file ? SDL_ConvertSurfaceFormat(file, SDL_PIXELFORMAT_RGB888, 0) : NULL;
    if (!shown || shown->w != output.width || shown->h != output.height)
        return fail("the picture has another size, or none");
    for (int y = 0; y < shown->h; y++)
        for (int x = 0; x < shown->w; x++) {
            const unsigned char *a = (unsigned char *)shown->pixels + y * shown->pitch + 4 * x;
            const unsigned char *b = expected + y * output.strides[0] + 4 * x;
            if (memcmp(a, b, 3) != 0)
                return printf("pixel (%d, %d) is %d %d %d, not %d %d %d\n", x, y, a[2], a[1], a[0], b[2], b[1], b[0]),
                       1;
        }
    return 0;
}
