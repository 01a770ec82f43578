#include "extras/video/stream.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace slimscale::video {

Result<ByteSource> ByteSource::open(const std::string &path) {
    const bool standard = path == "-";
    const int fd = standard ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return Error{path + ": " + std::strerror(errno)};
    struct stat status{};
    if (!standard && fstat(fd, &status) == 0 && S_ISDIR(status.st_mode)) {
        close(fd);
        return Error{path + ": this is a folder, not a video"};
    }
    const int wake = eventfd(0, EFD_CLOEXEC);
    if (wake < 0) {
        const int reason = errno;  // before close() can change it
        if (!standard)
            close(fd);
        return Error{path + ": " + std::strerror(reason)};
    }
    return ByteSource(fd, !standard, wake);
}

ByteSource::ByteSource(int fd, bool owned, int wake) : fd_(fd), wake_(wake), owned_(owned), buffer_(kBuffer) {}

ByteSource::ByteSource(ByteSource &&other) noexcept
    : fd_(std::exchange(other.fd_, -1)), wake_(std::exchange(other.wake_, -1)), owned_(other.owned_),
      buffer_(std::move(other.buffer_)), begin_(other.begin_), end_(other.end_) {}

ByteSource::~ByteSource() {
    if (wake_ >= 0)
        close(wake_);
    if (owned_ && fd_ >= 0)
        close(fd_);
}

void ByteSource::stop() {
    const uint64_t one = 1;
    while (::write(wake_, &one, sizeof one) < 0 && errno == EINTR) {
    }
}

// Waits for data and reads what is there: at least one byte, unless the stream ended or was stopped.
Status ByteSource::fetch(void *to, size_t size, size_t &got) {
    got = 0;
    for (;;) {
        pollfd both[] = {{fd_, POLLIN, 0}, {wake_, POLLIN, 0}};
        if (poll(both, 2, -1) < 0) {
            if (errno == EINTR)
                continue;
            return Error{std::string("the input cannot be waited for: ") + std::strerror(errno)};
        }
        if (both[1].revents != 0)
            return Status();
        const ssize_t count = ::read(fd_, to, size);
        if (count >= 0) {
            got = static_cast<size_t>(count);
            return Status();
        }
        if (errno != EINTR && errno != EAGAIN)
            return Error{std::string("the input cannot be read: ") + std::strerror(errno)};
    }
}

Status ByteSource::read(void *to, size_t size, size_t &got) {
    uint8_t *at = static_cast<uint8_t *>(to);
    got = std::min(size, end_ - begin_);
    std::memcpy(at, buffer_.data() + begin_, got);
    begin_ += got;
    while (got < size) {
        size_t more = 0;
        SLIMSCALE_RETURN_IF_ERROR(fetch(at + got, size - got, more));
        if (more == 0)
            break;
        got += more;
    }
    return Status();
}

Status ByteSource::read_line(size_t most, std::string &line, Line &outcome) {
    line.clear();
    for (;;) {
        const auto first = buffer_.begin() + static_cast<ptrdiff_t>(begin_),
                   last = buffer_.begin() + static_cast<ptrdiff_t>(end_);
        const auto feed = std::find(first, last, '\n');
        line.append(first, feed);
        begin_ += static_cast<size_t>(feed - first);
        if (line.size() > most)
            return Error{"the stream has a line of more than " + std::to_string(most) +
                         " characters where a header should be"};
        if (feed != last) {
            begin_++;
            outcome = Line::whole;
            return Status();
        }
        begin_ = end_ = 0;
        SLIMSCALE_RETURN_IF_ERROR(fetch(buffer_.data(), buffer_.size(), end_));
        if (end_ == 0) {
            outcome = line.empty() ? Line::none : Line::cut;
            return Status();
        }
    }
}

Result<ByteSink> ByteSink::open(const std::string &path) {
    if (path == "-")
        return ByteSink(std::nullopt);
    SLIMSCALE_ASSIGN_OR_RETURN(base::FileWriter file, base::FileWriter::open(path));
    return ByteSink(std::move(file));
}

Status ByteSink::write(const void *data, size_t size) {
    if (file_)
        return file_->write(data, size);
    const char *at = static_cast<const char *>(data);
    while (size > 0) {
        const ssize_t count = ::write(STDOUT_FILENO, at, size);
        if (count > 0) {
            at += count;
            size -= static_cast<size_t>(count);
        } else if (errno == EPIPE) {
            return Error{"whoever read the output has closed it"};
        } else if (errno == EAGAIN) {
            pollfd ready{STDOUT_FILENO, POLLOUT, 0};
            poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return Error{std::string("the output cannot be written: ") + std::strerror(errno)};
        }
    }
    return Status();
}

Status ByteSink::commit() {
    return file_ ? file_->commit() : Status();
}

}  // namespace slimscale::video
