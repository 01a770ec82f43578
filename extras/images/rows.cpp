#include "extras/images/rows.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "extras/images/codecs.h"
#include "extras/images/file_sink.h"
#include "extras/images/metadata.h"

namespace slimscale::images {
namespace {

class FileSource : public Source {
public:
    // Null if the path is no regular file that can be read.
    static std::unique_ptr<FileSource> open(const std::string &path) {
        const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
        struct stat status = {};
        if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode))
            return std::unique_ptr<FileSource>(new FileSource(fd, static_cast<uint64_t>(status.st_size)));
        if (fd >= 0)
            ::close(fd);
        return nullptr;
    }
    ~FileSource() override { ::close(fd_); }
    FileSource(const FileSource &) = delete;
    FileSource &operator=(const FileSource &) = delete;

    size_t read(void *to, size_t size) noexcept override {
        size_t done = 0;
        while (done < size) {
            const ssize_t got =
                pread(fd_, static_cast<char *>(to) + done, size - done, static_cast<off_t>(place_ + done));
            if (got < 0 && errno == EINTR)
                continue;
            if (got <= 0)
                break;
            done += static_cast<size_t>(got);
        }
        place_ += done;
        return done;
    }
    void seek(uint64_t place) noexcept override { place_ = place; }
    uint64_t size() const noexcept override { return size_; }

private:
    FileSource(int fd, uint64_t size) : fd_(fd), size_(size) {}
    int fd_;
    uint64_t size_, place_ = 0;
};

class ImageRows : public RowReader {
public:
    explicit ImageRows(Image image) {
        samples_.swap(image.samples);
        image_ = std::move(image);
    }
    Status read(uint8_t *samples, int count) override {
        const size_t bytes = image_.row_bytes() * static_cast<size_t>(count);
        std::memcpy(samples, samples_.data() + place_, bytes);
        place_ += bytes;
        return Status();
    }
    Status finish() override { return Status(); }

private:
    std::vector<uint8_t> samples_;
    size_t place_ = 0;
};

// A codec's rows into a file.
class FileRows : public RowWriter {
public:
    explicit FileRows(FileSink file) : file_(std::move(file)) {}

    Status start(const Image &image, FileFormat format, const WriteOptions &options) {
        Result<std::unique_ptr<RowWriter>> started =
            format == FileFormat::png ? start_png(image, file_) : start_jpeg(image, options, file_);
        SLIMSCALE_RETURN_IF_ERROR(file_.checked(started.status()));
        codec_ = *std::move(started);
        return Status();
    }
    Status write(const uint8_t *samples, int count) override { return file_.checked(codec_->write(samples, count)); }
    Status finish() override {
        SLIMSCALE_RETURN_IF_ERROR(file_.checked(codec_->finish()));
        return file_.finish();
    }

private:
    FileSink file_;
    std::unique_ptr<RowWriter> codec_;  // refers to the file
};

}  // namespace

size_t MemorySource::read(void *to, size_t size) noexcept {
    const size_t left = bytes_.size() - static_cast<size_t>(std::min<uint64_t>(place_, bytes_.size()));
    const size_t count = std::min(size, left);
    if (count > 0)
        std::memcpy(to, bytes_.data() + place_, count);
    place_ += count;
    return count;
}

Result<std::unique_ptr<RowReader>> open_rows(const std::string &path) {
    std::unique_ptr<FileSource> file = FileSource::open(path);
    std::vector<uint8_t> head(8);
    const bool has_head = file && file->read(head.data(), head.size()) == head.size();
    const FileFormat format = has_head ? format_of_content(head) : FileFormat::unknown;
    if (format != FileFormat::png && format != FileFormat::jpeg)
        return std::unique_ptr<RowReader>();
    file->seek(0);
    return format == FileFormat::png ? open_png(std::move(file)) : open_jpeg(std::move(file));
}

std::unique_ptr<RowReader> rows_of(Image image) {
    return std::make_unique<ImageRows>(std::move(image));
}

Status read_all_rows(RowReader &reader, Image &image) {
    image = reader.image();
    SLIMSCALE_RETURN_IF_ERROR(check_memory(reader.whole_bytes(), "it"));
    image.allocate();
    SLIMSCALE_RETURN_IF_ERROR(reader.read(image.samples.data(), image.height));
    SLIMSCALE_RETURN_IF_ERROR(reader.finish());
    apply_orientation(image, reader.orientation());
    return Status();
}

Result<std::unique_ptr<RowWriter>> write_rows(const std::string &path, const Image &image,
                                              const WriteOptions &options) {
    const FileFormat format = options.format == FileFormat::unknown ? format_of_name(path) : options.format;
    SLIMSCALE_RETURN_IF_ERROR(check_format(format, image.width, image.height, /*transparent=*/false));
    SLIMSCALE_ASSIGN_OR_RETURN(FileSink file, FileSink::open(path));
    auto rows = std::make_unique<FileRows>(std::move(file));
    SLIMSCALE_RETURN_IF_ERROR(rows->start(image, format, options));
    return std::unique_ptr<RowWriter>(std::move(rows));
}

}  // namespace slimscale::images
