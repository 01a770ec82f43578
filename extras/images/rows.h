// PNG and JPEG files in rows from the top, so that neither a file nor its picture is in memory as a whole. Errors are
// as in image.h.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/status.h"
#include "extras/images/image.h"

namespace slimscale::images {

class RowReader {
public:
    virtual ~RowReader() = default;
    RowReader(const RowReader &) = delete;
    RowReader &operator=(const RowReader &) = delete;

    // The picture's size, channels, bits, metadata and notes, as it lies in the file; no samples.
    const Image &image() const { return image_; }
    // EXIF's orientation, 1..8, by which the rows have to be turned (metadata.h). The metadata are those of the turned
    // picture.
    int orientation() const { return orientation_; }
    // Whether the file has the rows in their order; if not (interlaced), all have to be read at once.
    bool in_order() const { return in_order_; }
    // Bytes that reading takes beside the rows: a JPEG of several scans is held as coefficients.
    uint64_t held_bytes() const { return held_bytes_; }
    // Bytes that read_all_rows takes: those, and the picture, which is turned from one copy into another.
    uint64_t whole_bytes() const { return held_bytes_ + image_.sample_bytes() * (orientation_ != 1 ? 2 : 1); }

    // Reads the next `count` rows into `samples`, one behind the other without padding.
    virtual Status read(uint8_t *samples, int count) = 0;
    // After the last row: reads the rest of the file, and says whether it is damaged as decode_image does.
    virtual Status finish() = 0;

protected:
    RowReader() = default;
    Image image_;
    int orientation_ = 1;
    bool in_order_ = true;
    uint64_t held_bytes_ = 0;
};

// Opens a regular file with a PNG or a JPEG, and reads its header and its metadata. Null for everything else, which
// read_image reads or refuses.
Result<std::unique_ptr<RowReader>> open_rows(const std::string &path);

// The rows of a picture in memory.
std::unique_ptr<RowReader> rows_of(Image image);

// Reads and turns the whole picture. Memory is compared with what is free beforehand.
Status read_all_rows(RowReader &reader, Image &image);

class RowWriter {
public:
    virtual ~RowWriter() = default;
    RowWriter(const RowWriter &) = delete;
    RowWriter &operator=(const RowWriter &) = delete;

    virtual Status write(const uint8_t *samples, int count) = 0;
    virtual Status finish() = 0;  // after the last row

protected:
    RowWriter() = default;
};

inline bool is_written_in_rows(FileFormat format) {
    return format == FileFormat::png || format == FileFormat::jpeg;
}

// Begins a PNG or JPEG file for a picture of the size, channels, bits and metadata of `image`, whose samples are not
// looked at; a JPEG takes only opaque ones, and ignores alpha. The file appears as a whole with finish(), or not at
// all. Precondition: is_written_in_rows() of the format that `options` or the name say.
Result<std::unique_ptr<RowWriter>> write_rows(const std::string &path, const Image &image, const WriteOptions &options);

}  // namespace slimscale::images
