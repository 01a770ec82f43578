#include "extras/images/metadata.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <initializer_list>
#include <limits>

#include <zlib.h>

#include "extras/images/exif.h"
#include "extras/images/xmp.h"

namespace slimscale::images {
namespace {

constexpr size_t kMaxProfileBytes = size_t{16} << 20;  // real ones are below 4 MB; a packed bomb is not unpacked
constexpr size_t kMaxMetadataBytes = size_t{64} << 20;
constexpr size_t kMaxChunks = 1000;  // real files have tens; a million is an attack on time

uint32_t big_endian(const uint8_t *p) {
    return uint32_t{p[0]} << 24 | uint32_t{p[1]} << 16 | uint32_t{p[2]} << 8 | uint32_t{p[3]};
}

void put_big_endian(uint8_t *p, uint32_t value) {
    for (int i = 0; i < 4; i++)
        p[i] = static_cast<uint8_t>(value >> (24 - 8 * i));
}

bool is_one_of(const char *name, std::initializer_list<const char *> names) {
    return std::any_of(names.begin(), names.end(),
                       [name](const char *other) { return std::memcmp(name, other, 4) == 0; });
}

bool is_kept(const char *name, const std::vector<Chunk> &so_far) {
    if (is_one_of(name, {"tEXt", "zTXt", "iTXt"}))  // any number of them
        return true;
    return (describes_colors(name) || is_one_of(name, {"eXIf", "pHYs"})) && !find_chunk(so_far, name);
}

// Calls visit(name, bytes of data) for each chunk that is there as a whole, with the file at its data, until it
// returns false. A PNG is a signature and chunks: length, name, data, checksum of name and data.
template <class Visit>
void for_png_chunks(Source &file, Visit visit) {
    constexpr uint64_t kSignature = 8, kAround = 12;
    uint8_t header[8];
    for (uint64_t at = kSignature; at + kAround <= file.size();) {
        file.seek(at);
        if (file.read(header, sizeof header) != sizeof header)
            return;
        const uint64_t length = big_endian(header);
        if (length > file.size() - at - kAround || !visit(header + 4, length))
            return;
        at += length + kAround;
    }
}

}  // namespace

bool describes_colors(const char *name) {
    return is_one_of(name, {"iCCP", "sRGB", "gAMA", "cHRM", "cICP", "mDCV", "cLLI"});
}

const Chunk *find_chunk(const std::vector<Chunk> &chunks, const char *name) {
    const auto found = std::find_if(chunks.begin(), chunks.end(), [name](const Chunk &chunk) {
        return std::memcmp(chunk.name.data(), name, 4) == 0;
    });
    return found == chunks.end() ? nullptr : &*found;
}

void add_chunk(std::vector<Chunk> &chunks, const char *name, Bytes data) {
    chunks.push_back({{name[0], name[1], name[2], name[3]}, std::move(data)});
}

std::vector<Chunk> kept_png_chunks(Source &file) {
    std::vector<Chunk> chunks;
    uint64_t total = 0;
    for_png_chunks(file, [&](const uint8_t *name, uint64_t length) {
        if (!is_kept(reinterpret_cast<const char *>(name), chunks) || total + length > kMaxMetadataBytes)
            return true;
        Bytes data(static_cast<size_t>(length) + 4);  // with the checksum
        file.read(data.data(), data.size());
        const auto of_name = crc32(0, name, 4);
        const auto checksum = crc32(of_name, data.data(), static_cast<uInt>(length));
        if (checksum == big_endian(&data[static_cast<size_t>(length)])) {
            data.resize(static_cast<size_t>(length));
            total += length;
            add_chunk(chunks, reinterpret_cast<const char *>(name), std::move(data));
        }
        return chunks.size() < kMaxChunks;
    });
    return chunks;
}

const char *color_description_beyond_icc(const std::vector<Chunk> &chunks) {
    const Chunk *cicp = find_chunk(chunks, "cICP"), *gamma = find_chunk(chunks, "gAMA");
    const Chunk *primaries = find_chunk(chunks, "cHRM");
    const Bytes srgb = {1, 13, 0, 1};  // primaries, transfer, matrix and range of H.273
    if (cicp)
        return cicp->data == srgb ? nullptr : "cICP";
    if (find_chunk(chunks, "iCCP") || find_chunk(chunks, "sRGB"))
        return nullptr;
    constexpr uint32_t kGamma = 45455, kPrimaries[] = {31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000};
    const auto is_near = [](uint32_t value, uint32_t usual) {
        constexpr uint32_t kTolerance = 500;  // of 100000: writers round differently
        return std::max(value, usual) - std::min(value, usual) <= kTolerance;
    };
    if (gamma && gamma->data.size() == 4 && !is_near(big_endian(gamma->data.data()), kGamma))
        return "gAMA";
    for (size_t i = 0; primaries && primaries->data.size() == sizeof kPrimaries && i < std::size(kPrimaries); i++)
        if (!is_near(big_endian(&primaries->data[4 * i]), kPrimaries[i]))
            return "cHRM";
    return nullptr;
}

bool is_animated_png(Source &file) {
    bool animated = false;
    for_png_chunks(file, [&](const uint8_t *name, uint64_t length) {
        uint8_t frames[4] = {};
        if (std::memcmp(name, "acTL", 4) == 0 && length == 8) {
            file.read(frames, sizeof frames);
            animated = big_endian(frames) > 1;
            return false;
        }
        return std::memcmp(name, "IDAT", 4) != 0;
    });
    return animated;
}

// An iCCP chunk is a name, 0, the compression method 0, and a zlib stream.
Bytes icc_profile(const std::vector<Chunk> &chunks) {
    const Chunk *chunk = find_chunk(chunks, "iCCP");
    if (!chunk)
        return {};
    const auto end_of_name = std::find(chunk->data.begin(), chunk->data.end(), uint8_t{0});
    if (chunk->data.end() - end_of_name < 3 || end_of_name[1] != 0)
        return {};
    z_stream stream{};
    stream.next_in = const_cast<Bytef *>(&end_of_name[2]);
    stream.avail_in = static_cast<uInt>(chunk->data.end() - end_of_name - 2);
    if (inflateInit(&stream) != Z_OK)
        return {};
    Bytes profile;
    int status = Z_OK;
    while (status == Z_OK && profile.size() < kMaxProfileBytes) {
        const size_t used = profile.size();
        profile.resize(used + (size_t{64} << 10));
        stream.next_out = &profile[used];
        stream.avail_out = static_cast<uInt>(profile.size() - used);
        status = inflate(&stream, Z_NO_FLUSH);
        profile.resize(profile.size() - stream.avail_out);
    }
    inflateEnd(&stream);
    return status == Z_STREAM_END ? profile : Bytes{};
}

void add_icc_profile(std::vector<Chunk> &chunks, const Bytes &profile) {
    if (profile.empty() || profile.size() > kMaxProfileBytes)
        return;
    static const char header[] = "ICC profile\0";  // name, 0, method 0
    Bytes data(header, header + sizeof header);
    uLongf packed = compressBound(static_cast<uLong>(profile.size()));
    data.resize(sizeof header + packed);
    if (compress2(&data[sizeof header], &packed, profile.data(), static_cast<uLong>(profile.size()),
                  Z_BEST_COMPRESSION) != Z_OK)
        return;
    data.resize(sizeof header + packed);
    add_chunk(chunks, "iCCP", std::move(data));
}

// A pHYs chunk is pixels per unit along x and along y, then 1 if the unit is the meter.
Density density(const std::vector<Chunk> &chunks) {
    const Chunk *chunk = find_chunk(chunks, "pHYs");
    if (!chunk || chunk->data.size() != 9)
        return {};
    return {big_endian(&chunk->data[0]), big_endian(&chunk->data[4]), chunk->data[8] == 1};
}

void add_density(std::vector<Chunk> &chunks, const Density &value) {
    if (value.x == 0 || value.y == 0)
        return;
    Bytes data(9);
    put_big_endian(&data[0], value.x);
    put_big_endian(&data[4], value.y);
    data[8] = value.meters;
    add_chunk(chunks, "pHYs", std::move(data));
}

void scale_density(std::vector<Chunk> &chunks, int factor) {
    for (Chunk &chunk : chunks) {
        if (std::memcmp(chunk.name.data(), "eXIf", 4) == 0)
            scale_exif_resolution(chunk.data, factor);
        if (std::memcmp(chunk.name.data(), "pHYs", 4) != 0 || chunk.data.size() != 9 || chunk.data[8] != 1)
            continue;
        for (size_t at : {0, 4}) {
            const uint64_t scaled = uint64_t{big_endian(&chunk.data[at])} * static_cast<uint64_t>(factor);
            put_big_endian(&chunk.data[at],
                           static_cast<uint32_t>(std::min<uint64_t>(scaled, std::numeric_limits<int32_t>::max())));
        }
    }
    Bytes packet = xmp_packet(chunks);
    scale_xmp(packet, factor);
    set_xmp_packet(chunks, packet);
}

std::vector<Chunk> sized_metadata(const Image &image) {
    std::vector<Chunk> chunks = image.metadata;
    for (Chunk &chunk : chunks)
        if (std::memcmp(chunk.name.data(), "eXIf", 4) == 0)
            set_exif_size(chunk.data, image.width, image.height);
    Bytes packet = xmp_packet(chunks);
    set_xmp_size(packet, image.width, image.height);
    set_xmp_packet(chunks, packet);
    return chunks;
}

// An orientation is a transposition (t), then mirrors along x and y: 1 none, 2 x, 3 x and y, 4 y, 5 t, 6 t and x, 7 t,
// x and y, 8 t and y.
void apply_orientation(Image &image, int orientation) {
    if (orientation <= 1 || orientation > 8)
        return;
    const bool transposed = turns_sides(orientation);
    const bool mirror_x = orientation == 2 || orientation == 3 || orientation == 6 || orientation == 7;
    const bool mirror_y = orientation == 3 || orientation == 4 || orientation == 7 || orientation == 8;
    const int width = transposed ? image.height : image.width, height = transposed ? image.width : image.height;
    const size_t pixel = static_cast<size_t>(image.channels) * (image.bits / 8);
    std::vector<uint8_t> turned(image.samples.size());
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const int u = mirror_x ? width - 1 - x : x, v = mirror_y ? height - 1 - y : y;
            const size_t from = static_cast<size_t>(transposed ? u : v) * image.width + (transposed ? v : u);
            std::memcpy(&turned[(static_cast<size_t>(y) * width + x) * pixel], &image.samples[from * pixel], pixel);
        }
    }
    image.samples.swap(turned);
    image.width = width;
    image.height = height;
}

}  // namespace slimscale::images
