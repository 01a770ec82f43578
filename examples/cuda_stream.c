/* Upscales frames on a GPU, on the program's own context and stream. Upload, network and download are enqueued one
   after the other. The program reads the next frame meanwhile, and waits only before it writes a result.

       cuda_stream 640 360 < in.rgb > out.rgb                    (8 bits, R, G, B interleaved)

   The archive must hold kernels: make generate TARGET=cuda MODEL=weights/zoo/edsr_small_x2.safetensors */
#include <cuda.h>
#include <slimscale/slimscale.h>
#include <slimscale_model_edsr_small_x2.h>
#include <stdio.h>
#include <stdlib.h>

static void fail(const char *why) {
    fprintf(stderr, "cuda_stream: %s\n", why);
    exit(1);
}

#define CHECK(call)                          \
    do {                                     \
        const CUresult result = (call);      \
        const char *text = "";               \
        if (result != CUDA_SUCCESS)          \
            cuGetErrorString(result, &text); \
        if (result != CUDA_SUCCESS)          \
            fail(text);                      \
    } while (0)

static slimscale_image device_image(int width, int height, CUdeviceptr memory, size_t pitch) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = SLIMSCALE_RGB8, image.width = width, image.height = height;
    image.planes[0] = (void *)memory, image.strides[0] = (ptrdiff_t)pitch; /* any pitch */
    image.memory = SLIMSCALE_CUDA_MEMORY;
    return image;
}

/* Copies rows between page-locked host memory, where they have no padding, and the device. */
static CUresult copy(void *host, const slimscale_image *image, int to_device, CUstream stream) {
    const size_t row = 3 * (size_t)image->width;
    CUDA_MEMCPY2D c = {0};
    c.srcMemoryType = to_device ? CU_MEMORYTYPE_HOST : CU_MEMORYTYPE_DEVICE;
    c.dstMemoryType = to_device ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST;
    c.srcHost = c.dstHost = host;
    c.srcDevice = c.dstDevice = (CUdeviceptr)image->planes[0];
    c.srcPitch = to_device ? row : (size_t)image->strides[0];
    c.dstPitch = to_device ? (size_t)image->strides[0] : row;
    c.WidthInBytes = row, c.Height = (size_t)image->height;
    return cuMemcpy2DAsync(&c, stream);
}

int main(int argc, char **argv) {
    const int width = argc > 2 ? atoi(argv[1]) : 0, height = argc > 2 ? atoi(argv[2]) : 0;
    if (width <= 0 || height <= 0)
        fail("usage: cuda_stream WIDTH HEIGHT < RGB > RGB");
    CUdevice device;
    CUcontext context;
    CUstream stream;
    CHECK(cuInit(0));
    CHECK(cuDeviceGet(&device, 0));
    CHECK(cuDevicePrimaryCtxRetain(&context, device));
    CHECK(cuCtxPushCurrent(context));
    CHECK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));

    const size_t in_pitch = (3 * (size_t)width + 255) / 256 * 256, in_bytes = 3 * (size_t)width * (size_t)height;
    CUdeviceptr in_memory, out_memory;
    void *next, *in, *out;
    CHECK(cuMemAlloc(&in_memory, in_pitch * (size_t)height));
    CHECK(cuMemAlloc(&out_memory, 2 * in_pitch * 2 * (size_t)height));
    CHECK(cuMemAllocHost(&next, in_bytes));
    CHECK(cuMemAllocHost(&in, in_bytes));
    CHECK(cuMemAllocHost(&out, 4 * in_bytes));
    const slimscale_image input = device_image(width, height, in_memory, in_pitch);
    const slimscale_image output = device_image(2 * width, 2 * height, out_memory, 2 * in_pitch);

    char error[300];
    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    options.target = "cuda", options.cuda_context = context, options.cuda_stream = stream, options.device_images = 1;
    options.error_text = error, options.error_text_size = sizeof error;
    slimscale_handle *s = NULL;
    if (slimscale_open(slimscale_model_edsr_small_x2(), &options, &s) != SLIMSCALE_OK)
        fail(error);
    if (slimscale_plan(s, width, height) != SLIMSCALE_OK)
        fail(slimscale_error(s));
    for (size_t read = fread(next, 1, in_bytes, stdin); read == in_bytes;) {
        void *frame = next;
        next = in, in = frame;
        CHECK(copy(in, &input, 1, stream));
        if (slimscale_run(s, NULL, &input, &output, NULL) != SLIMSCALE_OK)
            fail(slimscale_error(s));
        CHECK(copy(out, &output, 0, stream));
        read = fread(next, 1, in_bytes, stdin); /* while the GPU works */
        CHECK(cuStreamSynchronize(stream));
        if (fwrite(out, 1, 4 * in_bytes, stdout) != 4 * in_bytes)
            fail("standard output is closed");
    }
    slimscale_close(s); /* before the context is released */
    CHECK(cuStreamDestroy(stream));
    CHECK(cuDevicePrimaryCtxRelease(device));
    return 0;
}
