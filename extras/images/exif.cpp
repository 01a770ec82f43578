#include "extras/images/exif.h"

#include <algorithm>
#include <iterator>
#include <limits>
#include <utility>

namespace slimscale::images {
namespace {

using Bytes = std::vector<uint8_t>;

constexpr uint32_t kImageWidth = 0x0100, kImageLength = 0x0101, kOrientation = 0x0112, kXResolution = 0x011a;
constexpr uint32_t kYResolution = 0x011b, kExifDirectory = 0x8769, kPixelXDimension = 0xa002, kPixelYDimension = 0xa003;
constexpr uint32_t kShort = 3, kLong = 4, kRational = 5;
constexpr size_t kEntryBytes = 12;
constexpr uint8_t kHeader[] = {'E', 'x', 'i', 'f', 0, 0};

// Data in TIFF's structure: byte order, 42, offset of the first directory. A directory is a count, entries (tag, type,
// count, value or its offset) and the next directory's offset.
class Tiff {
public:
    explicit Tiff(Bytes &bytes) : bytes_(bytes) {
        valid_ = has(0, 8) && bytes[0] == bytes[1] && (bytes[0] == 'I' || bytes[0] == 'M');
        big_ = valid_ && bytes[0] == 'M';
        valid_ = valid_ && read(2, 2) == 42;
    }

    size_t first_directory() const { return valid_ ? read(4, 4) : 0; }

    // The offset of a tag's entry; 0 if the directory has none.
    size_t find(size_t directory, uint32_t tag) const {
        const size_t count = entries(directory);
        for (size_t i = 0; i < count; i++) {
            const size_t entry = directory + 2 + kEntryBytes * i;
            if (!has(entry, kEntryBytes))
                return 0;
            if (read(entry, 2) == tag)
                return entry;
        }
        return 0;
    }

    // The offset of the directory that a tag of the first one points to; 0 if there is none.
    size_t directory_at(uint32_t tag) const {
        const size_t entry = find(first_directory(), tag);
        return entry != 0 ? read(entry + 8, 4) : 0;
    }

    // Removes the thumbnail, whose directory is the second one.
    void unlink_thumbnail() {
        const size_t next = first_directory() + 2 + kEntryBytes * entries(first_directory());
        if (valid_ && has(next, 4))
            write(next, 4, 0);
    }

    uint32_t type(size_t entry) const { return read(entry + 2, 2); }
    bool is_single(size_t entry) const { return read(entry + 4, 4) == 1; }

    void set_whole_number(size_t directory, uint32_t tag, uint32_t value) {
        const size_t entry = find(directory, tag);
        if (entry == 0 || !is_single(entry) || (type(entry) != kShort && type(entry) != kLong))
            return;
        write(entry + 2, 2, kLong);
        write(entry + 8, 4, value);
    }

    // The offset of a tag's rational number; 0 if the tag is missing or no rational number.
    size_t find_rational(uint32_t tag) const {
        const size_t entry = find(first_directory(), tag);
        if (entry == 0 || !is_single(entry) || type(entry) != kRational)
            return 0;
        const size_t at = read(entry + 8, 4);
        return has(at, 8) ? at : 0;
    }

    bool has(size_t at, size_t size) const { return at <= bytes_.size() && size <= bytes_.size() - at; }
    uint32_t read(size_t at, int size) const {
        uint32_t value = 0;
        for (int i = 0; i < size; i++)
            value = value << 8 | bytes_[at + static_cast<size_t>(big_ ? i : size - 1 - i)];
        return value;
    }
    void write(size_t at, int size, uint32_t value) {
        for (int i = 0; i < size; i++)
            bytes_[at + static_cast<size_t>(big_ ? size - 1 - i : i)] = static_cast<uint8_t>(value >> 8 * i);
    }

private:
    size_t entries(size_t directory) const { return directory != 0 && has(directory, 2) ? read(directory, 2) : 0; }

    Bytes &bytes_;
    bool valid_ = false;
    bool big_ = false;
};

}  // namespace

int take_orientation(Bytes &exif) {
    Tiff tiff(exif);
    const size_t entry = tiff.find(tiff.first_directory(), kOrientation);
    if (entry == 0 || tiff.type(entry) != kShort)
        return 1;
    const uint32_t value = tiff.read(entry + 8, 2);
    tiff.write(entry + 8, 2, 1);
    if (value < 2 || value > 8)
        return 1;
    tiff.unlink_thumbnail();
    return static_cast<int>(value);
}

void set_exif_size(Bytes &exif, int width, int height) {
    Tiff tiff(exif);
    const size_t directory = tiff.directory_at(kExifDirectory);
    tiff.set_whole_number(tiff.first_directory(), kImageWidth, static_cast<uint32_t>(width));
    tiff.set_whole_number(tiff.first_directory(), kImageLength, static_cast<uint32_t>(height));
    tiff.set_whole_number(directory, kPixelXDimension, static_cast<uint32_t>(width));
    tiff.set_whole_number(directory, kPixelYDimension, static_cast<uint32_t>(height));
}

size_t exif_header_bytes(const uint8_t *bytes, size_t size) {
    return size > sizeof kHeader && std::equal(std::begin(kHeader), std::end(kHeader), bytes) ? sizeof kHeader : 0;
}

Bytes with_exif_header(const Bytes &exif, int width, int height) {
    Bytes sized = exif;
    set_exif_size(sized, width, height);
    sized.insert(sized.begin(), std::begin(kHeader), std::end(kHeader));
    return sized;
}

void scale_exif_resolution(Bytes &exif, int factor, bool sides_turn) {
    Tiff tiff(exif);
    const size_t x = tiff.find_rational(kXResolution), y = tiff.find_rational(kYResolution);
    for (const size_t at : {x, y == x ? size_t{0} : y}) {  // if both share a number, it is scaled once
        if (at == 0)
            continue;
        const uint64_t scaled = uint64_t{tiff.read(at, 4)} * static_cast<uint64_t>(factor);
        if (scaled <= std::numeric_limits<uint32_t>::max())
            tiff.write(at, 4, static_cast<uint32_t>(scaled));
    }
    for (int i = 0; sides_turn && x != 0 && y != 0 && i < 8; i++)
        std::swap(exif[x + static_cast<size_t>(i)], exif[y + static_cast<size_t>(i)]);
}

}  // namespace slimscale::images
