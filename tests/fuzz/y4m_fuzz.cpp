// Reads a video stream: its header, the lines of its frames, and its frames as the command line reads them. The first
// byte of the input chooses the options.
#include "extras/video/y4m.h"
#include "host/video_frames.h"
#include "tests/fuzz/fuzz.h"

using namespace slimscale;
using namespace slimscale::video;

namespace {

constexpr uint64_t kMostFrameBytes = 1 << 20;

void read_lines(const std::string &line) {
    if (const Result<Y4mHeader> header = parse_header(line)) {
        FUZZ_EXPECT(header->width >= 1 && header->width <= 65536 && header->height >= 1 && header->height <= 65536);
        const std::string written = header_line(*header, header->width, header->height);
        const Result<Y4mHeader> again = parse_header(written);
        FUZZ_EXPECT(again.ok());
        FUZZ_EXPECT(again->width == header->width && again->height == header->height && again->bits == header->bits &&
                    again->sampling == header->sampling && again->siting == header->siting &&
                    again->range == header->range);
    }
    if (const Result<std::string> parameters = parse_frame_line(line))
        FUZZ_EXPECT("FRAME" + *parameters == line);
}

// The input as a file of its own, in memory.
class MemoryFile {
public:
    MemoryFile(const uint8_t *data, size_t size) : fd_(memfd_create("y4m", MFD_CLOEXEC)) {
        FUZZ_EXPECT(fd_ >= 0 && write(fd_, data, size) == static_cast<ssize_t>(size));
        lseek(fd_, 0, SEEK_SET);
    }
    ~MemoryFile() { close(fd_); }
    std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

private:
    int fd_;
};

void read_stream(const uint8_t *data, size_t size, int options) {
    const MemoryFile file(data, size);
    Result<ByteSource> source = ByteSource::open(file.path());
    FUZZ_EXPECT(source.ok());
    host::StreamOptions stream;
    stream.range = static_cast<slimscale_range>(options % 3);
    if (options & 64) {
        stream.format = slimscale_format_name(static_cast<slimscale_format>(options % 42));
        stream.size = {options % 7 + 1, options % 5 + 1};
    }
    Result<host::FrameReader> reader = host::FrameReader::open(*std::move(source), stream, options & 128 ? 1 : 3);
    if (!reader)
        return;
    const uint64_t bytes = reader->layout().stream_bytes();
    FUZZ_EXPECT(bytes > 0);
    if (bytes > kMostFrameBytes)
        return;
    reader->layout().neutral_chroma();
    host::VideoFrame frame;
    frame.bytes.resize(bytes);
    for (;;) {
        const Result<bool> more = reader->read(frame);
        if (!more || !*more)
            return;
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0)
        return 0;
    const auto *text = reinterpret_cast<const char *>(data) + 1;
    const void *end = std::memchr(text, '\n', size - 1);
    read_lines(std::string(text, end ? static_cast<const char *>(end) : text + size - 1));
    read_stream(data + 1, size - 1, data[0]);
    return 0;
}
