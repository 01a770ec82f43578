// The codecs behind image.h and rows.h: bytes to rows and back. Errors are as in image.h.
#pragma once

#include <memory>

#include "base/status.h"
#include "extras/images/image.h"
#include "extras/images/rows.h"

namespace slimscale::images {

// Gives a file's bytes piece by piece. C libraries call it.
class Source {
public:
    virtual ~Source() = default;
    // Returns how many of `size` bytes were there; fewer only at the end.
    virtual size_t read(void *to, size_t size) noexcept = 0;
    virtual void seek(uint64_t place) noexcept = 0;  // of the next read; the end and beyond are allowed
    virtual uint64_t size() const noexcept = 0;
};

// A file in memory, which must outlive it.
class MemorySource : public Source {
public:
    explicit MemorySource(const std::vector<uint8_t> &bytes) : bytes_(bytes) {}
    size_t read(void *to, size_t size) noexcept override;
    void seek(uint64_t place) noexcept override { place_ = place; }
    uint64_t size() const noexcept override { return bytes_.size(); }

private:
    const std::vector<uint8_t> &bytes_;
    uint64_t place_ = 0;
};

// Takes a file's bytes piece by piece, so that large files are never in memory as a whole. C libraries call it.
class Sink {
public:
    virtual ~Sink() = default;
    virtual bool write(const void *data, size_t size) noexcept = 0;  // false: the encoding ends with an error
};

// Readers keep the source; writers do not keep the sink, which must outlive them.
Result<std::unique_ptr<RowReader>> open_png(std::unique_ptr<Source> source);
Result<std::unique_ptr<RowWriter>> start_png(const Image &image, Sink &sink);
Result<std::unique_ptr<RowReader>> open_jpeg(std::unique_ptr<Source> source);
Result<std::unique_ptr<RowWriter>> start_jpeg(const Image &image, const WriteOptions &options, Sink &sink);

// Whether a JPEG of this size and with these metadata lacks the XMP, which must fit one marker.
bool jpeg_lacks_xmp(const Image &image);

// Whole images by these.
Status decode_png(const std::vector<uint8_t> &bytes, Image &image);
Status encode_png(const Image &image, Sink &sink);
Status decode_jpeg(const std::vector<uint8_t> &bytes, Image &image);
Status encode_jpeg(const Image &image, const WriteOptions &options, Sink &sink);

}  // namespace slimscale::images
