#include "extras/images/xmp.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <string>
#include <string_view>

namespace slimscale::images {
namespace {

using Bytes = std::vector<uint8_t>;

// An iTXt chunk: keyword, 0, compressed (0 or 1), method, language, 0, translated keyword, 0, text.
constexpr char kKeyword[] = "XML:com.adobe.xmp";
constexpr size_t kFlag = sizeof kKeyword, kTail = kFlag + 4;

bool is_xmp(const Chunk &chunk) {
    return std::memcmp(chunk.name.data(), "iTXt", 4) == 0 && chunk.data.size() >= kTail &&
           std::memcmp(chunk.data.data(), kKeyword, sizeof kKeyword) == 0;
}

// Where the text begins; 0 if it is compressed, or the chunk ends before.
size_t place_of_text(const Chunk &chunk) {
    if (chunk.data[kFlag] != 0)
        return 0;
    size_t at = kFlag + 2;
    for (int i = 0; i < 2; i++) {  // language and translated keyword, which are usually empty, end with zeros
        const auto end = std::find(chunk.data.begin() + static_cast<ptrdiff_t>(at), chunk.data.end(), uint8_t{0});
        if (end == chunk.data.end())
            return 0;
        at = static_cast<size_t>(end - chunk.data.begin()) + 1;
    }
    return at;
}

bool is_space(uint8_t c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}

// Where a property's value is a whole number or begins with one, as an attribute (name="12") or as an element
// (<name>12</name>), replaces it by change(number). The name is the usual one, with its prefix.
template <class Change>
void change_number(Bytes &packet, std::string_view name, Change change) {
    for (size_t from = 0;;) {
        const auto found =
            std::search(packet.begin() + static_cast<ptrdiff_t>(from), packet.end(), name.begin(), name.end());
        if (found == packet.end())
            return;
        size_t at = static_cast<size_t>(found - packet.begin()) + name.size();
        from = at;
        const auto skip_spaces = [&] {
            while (at < packet.size() && is_space(packet[at]))
                at++;
        };
        const auto take = [&](const char *any_of) {
            const bool there = at < packet.size() && packet[at] != 0 && std::strchr(any_of, packet[at]) != nullptr;
            at += there ? 1 : 0;
            return there;
        };
        skip_spaces();
        if (take("=")) {
            skip_spaces();
            if (!take("\"'"))
                continue;
        } else if (!take(">"))
            continue;
        skip_spaces();
        size_t end = at;
        while (end < packet.size() && is_digit(packet[end]))
            end++;
        constexpr size_t kMostDigits = 9;
        if (end == at || end - at > kMostDigits)
            continue;
        const uint64_t value = std::stoull(
            std::string(packet.begin() + static_cast<ptrdiff_t>(at), packet.begin() + static_cast<ptrdiff_t>(end)));
        const std::string changed = std::to_string(change(value));
        packet.erase(packet.begin() + static_cast<ptrdiff_t>(at), packet.begin() + static_cast<ptrdiff_t>(end));
        packet.insert(packet.begin() + static_cast<ptrdiff_t>(at), changed.begin(), changed.end());
        from = at + changed.size();
    }
}

}  // namespace

Bytes xmp_packet(const std::vector<Chunk> &chunks) {
    const auto chunk = std::find_if(chunks.begin(), chunks.end(), is_xmp);
    const size_t text = chunk == chunks.end() ? 0 : place_of_text(*chunk);
    return text == 0 ? Bytes() : Bytes(chunk->data.begin() + static_cast<ptrdiff_t>(text), chunk->data.end());
}

void set_xmp_packet(std::vector<Chunk> &chunks, const Bytes &packet) {
    if (packet.empty() || std::find(packet.begin(), packet.end(), uint8_t{0}) != packet.end())
        return;
    auto chunk = std::find_if(chunks.begin(), chunks.end(), is_xmp);
    if (chunk == chunks.end())
        chunk = chunks.insert(chunks.end(), Chunk{{'i', 'T', 'X', 't'}, {}});
    size_t text = chunk->data.empty() ? 0 : place_of_text(*chunk);
    if (text == 0) {  // not compressed, no language, no translated keyword
        chunk->data.assign(std::begin(kKeyword), std::end(kKeyword));
        text = kTail;
    }
    chunk->data.resize(text);
    chunk->data.insert(chunk->data.end(), packet.begin(), packet.end());
}

bool speaks_of_what_follows(const Bytes &packet) {
    for (const std::string_view word : {"MotionPhoto", "MicroVideo", "Container:Directory", "hdrgm:", "HDRGainMap"})
        if (std::search(packet.begin(), packet.end(), word.begin(), word.end()) != packet.end())
            return true;
    return false;
}

void set_xmp_upright(Bytes &packet) {
    change_number(packet, "tiff:Orientation", [](uint64_t) { return 1; });
}

void set_xmp_size(Bytes &packet, int width, int height) {
    for (const char *name : {"tiff:ImageWidth", "exif:PixelXDimension"})
        change_number(packet, name, [=](uint64_t) { return width; });
    for (const char *name : {"tiff:ImageLength", "exif:PixelYDimension"})
        change_number(packet, name, [=](uint64_t) { return height; });
}

void scale_xmp(Bytes &packet, int factor) {
    for (const char *name :
         {"tiff:XResolution", "tiff:YResolution", "GPano:FullPanoWidthPixels", "GPano:FullPanoHeightPixels",
          "GPano:CroppedAreaImageWidthPixels", "GPano:CroppedAreaImageHeightPixels", "GPano:CroppedAreaLeftPixels",
          "GPano:CroppedAreaTopPixels"})
        change_number(packet, name, [=](uint64_t value) { return value * static_cast<uint64_t>(factor); });
}

}  // namespace slimscale::images
