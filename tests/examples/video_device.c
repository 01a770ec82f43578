/* Preloaded, makes /dev/video-test a V4L2 camera with the frames of a file (CAMERA_FILE): NV12 of the asked size made
   even, rows padded, three buffers although more are asked for. A buffer that the program has is left alone, one that
   it has given back is overwritten; after the last frame the device is gone. CAMERA_FORMAT is another format, its only
   one.

   The system's own calls are made directly: looking them up would call what is replaced here. */
#include <errno.h>
#include <fcntl.h>
#include <linux/videodev2.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { kBuffers = 3, kDevice = 900 };

static struct {
    FILE *frames;
    unsigned width, height, pitch, size;
    unsigned char *buffers[kBuffers];
    int queued[kBuffers], streaming;
    unsigned next;
} camera;

static int answer(int error) {
    errno = error;
    return error ? -1 : 0;
}

int open(const char *path, int flags, ...) {
    va_list arguments;
    va_start(arguments, flags);
    const int mode = flags & O_CREAT ? va_arg(arguments, int) : 0;
    va_end(arguments);
    if (strcmp(path, "/dev/video-test") != 0)
        return (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
    camera.frames = fopen(getenv("CAMERA_FILE"), "rb");
    return camera.frames ? kDevice : answer(ENODEV);
}

void *mmap(void *address, size_t length, int protection, int flags, int fd, off_t offset) {
    if (fd != kDevice)
        return (void *)syscall(SYS_mmap, address, length, protection, flags, fd, offset);
    return camera.buffers[offset >> 20];
}

static int set_format(struct v4l2_pix_format *pix) {
    const char *other = getenv("CAMERA_FORMAT");
    if (other)
        memcpy(&pix->pixelformat, other, sizeof pix->pixelformat);
    camera.width = pix->width = pix->width / 2 * 2;
    camera.height = pix->height = pix->height / 2 * 2;
    camera.pitch = pix->bytesperline = (pix->width + 63) / 64 * 64 + 64;
    camera.size = pix->sizeimage = camera.pitch * camera.height * 3 / 2;
    return 0;
}

static int request_buffers(struct v4l2_requestbuffers *request) {
    request->count = kBuffers;
    for (int i = 0; i < kBuffers; i++)
        camera.buffers[i] = malloc(camera.size);
    return request->memory == V4L2_MEMORY_MMAP && camera.size > 0 ? 0 : answer(EINVAL);
}

static int query_buffer(struct v4l2_buffer *buffer) {
    buffer->length = camera.size;
    buffer->m.offset = buffer->index << 20;
    return buffer->index < kBuffers ? 0 : answer(EINVAL);
}

static int queue(const struct v4l2_buffer *buffer) {
    if (buffer->index >= kBuffers || camera.queued[buffer->index]++ != 0)
        return answer(EINVAL);
    memset(camera.buffers[buffer->index], 0xa5, camera.size);
    return 0;
}

static int dequeue(struct v4l2_buffer *buffer) {
    const unsigned index = camera.next++ % kBuffers;
    if (!camera.streaming || camera.queued[index]-- != 1)
        return answer(EINVAL); /* a real one would wait for ever */
    for (unsigned y = 0; y < camera.height * 3 / 2; y++)
        if (fread(camera.buffers[index] + y * camera.pitch, camera.width, 1, camera.frames) != 1)
            return answer(ENODEV);
    buffer->index = index;
    buffer->bytesused = camera.size;
    return 0;
}

int ioctl(int fd, unsigned long what, ...) {
    va_list arguments;
    va_start(arguments, what);
    void *argument = va_arg(arguments, void *);
    va_end(arguments);
    if (fd != kDevice)
        return (int)syscall(SYS_ioctl, fd, what, argument);
    switch (what) {
    case VIDIOC_S_FMT:
        return set_format(&((struct v4l2_format *)argument)->fmt.pix);
    case VIDIOC_REQBUFS:
        return request_buffers(argument);
    case VIDIOC_QUERYBUF:
        return query_buffer(argument);
    case VIDIOC_QBUF:
        return queue(argument);
    case VIDIOC_DQBUF:
        return dequeue(argument);
    case VIDIOC_STREAMON:
        camera.streaming = 1;
        return 0;
    }
    return answer(ENOTTY);
}
