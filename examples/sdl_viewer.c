/* A player's window shows NV12 frames from standard input at twice the size, at the frame rate asked for. The library
   writes into the window's texture, in its format and with its pitch, and chooses as many channels as the time allows.

       ffmpeg -i in.mp4 -f rawvideo -pix_fmt nv12 - | sdl_viewer 640 360 30

   Arguments: width, height, frames per second (0: 16 channels, as fast as they go), and the name of a file (BMP) that
   receives a picture of the window with the last frame. The space bar turns the network off and on, Escape ends. */
#include <SDL.h>
#include <slimscale/slimscale.h>
#include <slimscale_model_edsr_small_x2.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(const char *why) {
    fprintf(stderr, "sdl_viewer: %s\n", why);
    exit(1);
}

/* Reads back what the window shows and saves it. Returns 1 on success. */
static int save_picture(SDL_Renderer *renderer, int width, int height, const char *path) {
    SDL_Surface *picture = SDL_CreateRGBSurfaceWithFormat(0, width, height, 32, SDL_PIXELFORMAT_RGB888);
    const int done =
        picture && SDL_RenderReadPixels(renderer, NULL, SDL_PIXELFORMAT_RGB888, picture->pixels, picture->pitch) == 0 &&
        SDL_SaveBMP(picture, path) == 0;
    SDL_FreeSurface(picture);
    return done;
}

int main(int argc, char **argv) {
    const int width = argc > 3 ? atoi(argv[1]) / 2 * 2 : 0, height = argc > 3 ? atoi(argv[2]) / 2 * 2 : 0;
    if (width <= 0 || height <= 0)
        fail("usage: sdl_viewer WIDTH HEIGHT FRAMES_PER_SECOND [PICTURE.bmp] < NV12");
    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;
    input.format = SLIMSCALE_NV12, input.width = width, input.height = height;
    input.strides[0] = input.strides[1] = width;
    const size_t luma = (size_t)width * (size_t)height, bytes = luma * 3 / 2;
    input.planes[0] = malloc(bytes), input.planes[1] = (char *)input.planes[0] + luma;
    output.format = SLIMSCALE_BGRX8, output.width = 2 * width, output.height = 2 * height;

    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    static slimscale_profile profile = {.size = sizeof profile};
    slimscale_handle *s = NULL;
    request.frames_per_second = atof(argv[3]);
    request.channels = request.frames_per_second > 0 ? 0 : 16;
    request.profile = request.channels == 0 ? &profile : NULL;
    if (!input.planes[0] || slimscale_open(slimscale_model_edsr_small_x2(), &options, &s) != SLIMSCALE_OK)
        fail("no memory, or no target for this machine");
    if (slimscale_plan(s, width, height) != SLIMSCALE_OK ||
        (request.channels == 0 && slimscale_measure_profile(s, 1000, &profile) != SLIMSCALE_OK))
        fail(slimscale_error(s));

    SDL_Window *window = NULL;
    SDL_Renderer *renderer = NULL;
    if (SDL_Init(SDL_INIT_VIDEO) != 0 ||
        SDL_CreateWindowAndRenderer(output.width, output.height, SDL_WINDOW_RESIZABLE, &window, &renderer) != 0)
        fail(SDL_GetError());
    /* SDL's RGB888 is a word whose high byte is unused: in memory the bytes B, G, R, X. */
    SDL_Texture *large =
        SDL_CreateTexture(renderer, SDL_PIXELFORMAT_RGB888, SDL_TEXTUREACCESS_STREAMING, output.width, output.height);
    SDL_Texture *small = SDL_CreateTexture(renderer, SDL_PIXELFORMAT_NV12, SDL_TEXTUREACCESS_STREAMING, width, height);
    if (!large || !small)
        fail(SDL_GetError());

    const Uint64 start = SDL_GetTicks64(); /* milliseconds */
    int plain = 0, running = 1;
    for (int frame = 0; running && fread(input.planes[0], 1, bytes, stdin) == bytes; frame++) {
        for (SDL_Event event; SDL_PollEvent(&event);) {
            running &= event.type != SDL_QUIT && !(event.type == SDL_KEYDOWN && event.key.keysym.sym == SDLK_ESCAPE);
            plain ^= event.type == SDL_KEYDOWN && event.key.keysym.sym == SDLK_SPACE;
        }
        int pitch = 0;
        if (SDL_LockTexture(large, NULL, &output.planes[0], &pitch) != 0)
            fail(SDL_GetError());
        output.strides[0] = pitch;
        const slimscale_status status = slimscale_run(s, &request, &input, &output, &report);
        SDL_UnlockTexture(large);
        if (status != SLIMSCALE_OK)
            fail(slimscale_error(s));
        SDL_UpdateNVTexture(small, NULL, input.planes[0], width, input.planes[1], width);
        SDL_RenderCopy(renderer, plain ? small : large, NULL, NULL);
        if (argc > 4 && !save_picture(renderer, output.width, output.height, argv[4]))
            fail(SDL_GetError());
        if (request.channels == 0) { /* a frame is not shown before its time */
            const double due = 1000 * frame / request.frames_per_second, now = (double)(SDL_GetTicks64() - start);
            SDL_Delay(now < due ? (Uint32)(due - now) : 0);
        }
        SDL_RenderPresent(renderer);
        char title[80];
        snprintf(title, sizeof title, "slimscale: %d channels, %.1f ms", report.channels, report.actual_ms);
        SDL_SetWindowTitle(window, title);
    }
    slimscale_close(s);
    free(input.planes[0]);
    SDL_Quit();
    return 0;
}
