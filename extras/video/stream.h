// Bytes from and to pipes and files, piece by piece: video is larger than memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/status.h"

namespace slimscale::video {

// Reads ahead by at most kBuffer bytes. One thread may use it, apart from stop().
class ByteSource {
public:
    static Result<ByteSource> open(const std::string &path);  // "-": standard input
    ByteSource(ByteSource &&other) noexcept;
    ByteSource &operator=(ByteSource &&other) = delete;
    ~ByteSource();

    // Reads `size` bytes; fewer (`got`) only at the end of the stream and after stop().
    Status read(void *to, size_t size, size_t &got);

    // Reads up to the line feed, which is left out of `line`. More than `most` bytes without one are an error.
    enum class Line { whole, cut, none };  // cut: the stream ended within it; none: before it
    Status read_line(size_t most, std::string &line, Line &outcome);

    // Any thread may call this. Every wait for data, present or later, then ends as if the stream did.
    void stop();

private:
    static constexpr size_t kBuffer = size_t{1} << 16;
    ByteSource(int fd, bool owned, int wake);
    Status fetch(void *to, size_t size, size_t &got);

    int fd_, wake_;  // wake_: readable once stop() was called
    bool owned_;
    std::vector<uint8_t> buffer_;
    size_t begin_ = 0, end_ = 0;  // what was read ahead, in the buffer
};

// A file appears as a whole at commit(); pipes and standard output get every byte as it comes. The process must ignore
// SIGPIPE, so that a closed pipe is an error like any other.
class ByteSink {
public:
    static Result<ByteSink> open(const std::string &path);  // "-": standard output

    Status write(const void *data, size_t size);
    Status commit();

private:
    explicit ByteSink(std::optional<base::FileWriter> file) : file_(std::move(file)) {}
    std::optional<base::FileWriter> file_;  // none: standard output
};

}  // namespace slimscale::video
