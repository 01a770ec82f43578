/* Upscales the frames of a camera (V4L2, NV12) as they arrive. The driver's buffers are mapped, and the library reads
   them where they lie. Frames of twice the size go to standard output, as NV12 without padding:

       v4l2_camera /dev/video0 640 480 30 300 | ffplay -f rawvideo -pixel_format nv12 -video_size 1280x960 -

   Arguments: device, width, height, frames per second (0: 16 channels, however long they take), number of frames. */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <slimscale/slimscale.h>
#include <slimscale_model_edsr_small_x2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

enum { kBuffers = 4 };

static void fail(const char *what, const char *why) {
    fprintf(stderr, "v4l2_camera: %s: %s\n", what, why);
    exit(1);
}

static int request_of(int fd, unsigned long what, void *argument) {
    int result;
    while ((result = ioctl(fd, what, argument)) < 0 && errno == EINTR)
        ;
    return result;
}

int main(int argc, char **argv) {
    if (argc < 6)
        fail("usage", "v4l2_camera DEVICE WIDTH HEIGHT FRAMES_PER_SECOND FRAMES > OUT");
    const int fd = open(argv[1], O_RDWR);
    struct v4l2_format format = {.type = V4L2_BUF_TYPE_VIDEO_CAPTURE};
    struct v4l2_pix_format *pix = &format.fmt.pix;
    pix->width = (unsigned)atoi(argv[2]) / 2 * 2, pix->height = (unsigned)atoi(argv[3]) / 2 * 2;
    pix->pixelformat = V4L2_PIX_FMT_NV12;
    if (fd < 0 || request_of(fd, VIDIOC_S_FMT, &format) < 0 || pix->pixelformat != V4L2_PIX_FMT_NV12)
        fail(argv[1], fd < 0 ? strerror(errno) : "it does not deliver NV12");

    /* The camera may have chosen another size, and pads rows as it likes. */
    slimscale_image input = SLIMSCALE_IMAGE_INIT, output = SLIMSCALE_IMAGE_INIT;
    input.format = output.format = SLIMSCALE_NV12;
    input.width = (int)pix->width, input.height = (int)pix->height;
    input.strides[0] = input.strides[1] = pix->bytesperline;
    input.range = pix->quantization == V4L2_QUANTIZATION_FULL_RANGE ? SLIMSCALE_RANGE_FULL : SLIMSCALE_RANGE_DEFAULT;
    input.matrix = pix->ycbcr_enc == V4L2_YCBCR_ENC_709 ? SLIMSCALE_MATRIX_BT709 : SLIMSCALE_MATRIX_DEFAULT;
    output.width = 2 * input.width, output.height = 2 * input.height;
    output.strides[0] = output.strides[1] = output.width;
    const size_t bytes = (size_t)output.width * (size_t)output.height * 3 / 2;
    output.planes[0] = malloc(bytes);
    output.planes[1] = (char *)output.planes[0] + (size_t)output.width * (size_t)output.height;

    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    slimscale_handle *s = NULL;
    static slimscale_profile profile = {.size = sizeof profile};
    request.frames_per_second = atof(argv[4]);
    request.channels = request.frames_per_second > 0 ? 0 : 16;
    request.profile = request.channels == 0 ? &profile : NULL;
    if (!output.planes[0] || slimscale_open(slimscale_model_edsr_small_x2(), &options, &s) != SLIMSCALE_OK)
        fail("open", "no memory, or no target for this machine");
    if (slimscale_plan(s, input.width, input.height) != SLIMSCALE_OK ||
        (request.channels == 0 && slimscale_measure_profile(s, 1000, &profile) != SLIMSCALE_OK))
        fail("plan", slimscale_error(s));

    struct v4l2_requestbuffers buffers = {.count = kBuffers, .type = format.type, .memory = V4L2_MEMORY_MMAP};
    if (request_of(fd, VIDIOC_REQBUFS, &buffers) < 0)
        fail("buffers", strerror(errno));
    void *mapped[VIDEO_MAX_FRAME];
    for (unsigned i = 0; i < buffers.count; i++) {
        struct v4l2_buffer buffer = {.index = i, .type = format.type, .memory = V4L2_MEMORY_MMAP};
        if (request_of(fd, VIDIOC_QUERYBUF, &buffer) < 0 || request_of(fd, VIDIOC_QBUF, &buffer) < 0 ||
            (mapped[i] = mmap(NULL, buffer.length, PROT_READ, MAP_SHARED, fd, buffer.m.offset)) == MAP_FAILED)
            fail("buffer", strerror(errno));
    }
    if (request_of(fd, VIDIOC_STREAMON, &format.type) < 0)
        fail("start", strerror(errno));
    for (int left = atoi(argv[5]); left > 0; left--) {
        struct v4l2_buffer buffer = {.type = format.type, .memory = V4L2_MEMORY_MMAP};
        if (request_of(fd, VIDIOC_DQBUF, &buffer) < 0)
            fail("frame", strerror(errno));
        input.planes[0] = mapped[buffer.index];
        input.planes[1] = (char *)input.planes[0] + input.strides[0] * input.height;
        if (slimscale_run(s, &request, &input, &output, &report) != SLIMSCALE_OK)
            fail("run", slimscale_error(s));
        if (request_of(fd, VIDIOC_QBUF, &buffer) < 0) /* the camera may fill it again */
            fail("buffer", strerror(errno));
        if (fwrite(output.planes[0], bytes, 1, stdout) != 1 || fflush(stdout) != 0)
            fail("output", strerror(errno));
        fprintf(stderr, "%d channels, %.1f ms\n", report.channels, report.actual_ms);
    }
    slimscale_close(s);
    free(output.planes[0]);
    return 0;
}
