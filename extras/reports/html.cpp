#include "extras/reports/html.h"

#include <algorithm>

namespace slimscale::reports {
namespace {

constexpr const char *kReplacement = "\uFFFD";

unsigned char byte_at(std::string_view text, size_t i) {
    return static_cast<unsigned char>(text[i]);
}

// Bytes of the UTF-8 character that `text` begins with; 0 if it is none, or one that HTML forbids.
size_t character_bytes(std::string_view text) {
    const unsigned char lead = byte_at(text, 0);
    if (lead < 0x80)
        return (lead < 0x20 && lead != '\n' && lead != '\t') || lead == 0x7f ? 0 : 1;
    const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3
                                                         : 2;
    if (lead < 0xc2 || lead > 0xf4 || text.size() < bytes)
        return 0;
    uint32_t code = lead & (0xff >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++) {
        if ((byte_at(text, i) & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (byte_at(text, i) & 0x3f);
    }
    constexpr uint32_t kSmallest[] = {0, 0, 0x80, 0x800, 0x10000};  // shorter forms exist below
    const bool control = code >= 0x80 && code < 0xa0, surrogate = code >= 0xd800 && code < 0xe000;
    const bool noncharacter = (code & 0xfffe) == 0xfffe || (code >= 0xfdd0 && code < 0xfdf0);
    return code < kSmallest[bytes] || code > 0x10ffff || control || surrogate || noncharacter ? 0 : bytes;
}

const char *entity(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return nullptr;
    }
}

std::string opening(const char *name, const std::vector<Attribute> &attributes) {
    std::string out = std::string("<") + name;
    for (const Attribute &attribute : attributes)
        if (!attribute.value.empty())
            out += std::string(" ") + attribute.name + "=\"" + escaped(attribute.value) + "\"";
    return out;
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        const size_t bytes = character_bytes(text);
        if (const char *name = entity(text[0]))
            out += name;
        else if (bytes == 0)
            out += kReplacement;
        else
            out += text.substr(0, bytes);
        text.remove_prefix(std::max<size_t>(bytes, 1));
    }
    return out;
}

std::string element(const char *name, const std::vector<Attribute> &attributes, std::string_view content) {
    std::string out = opening(name, attributes);
    out.reserve(out.size() + content.size() + 32);
    out += ">";
    out += content;
    return out + "</" + name + ">";
}

std::string leaf(const char *name, const std::vector<Attribute> &attributes) {
    return opening(name, attributes) + "/>";
}

std::string base64(const std::vector<uint8_t> &bytes) {
    constexpr char kDigits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.size(); i += 3) {
        const size_t count = std::min<size_t>(3, bytes.size() - i);
        uint32_t group = 0;
        for (size_t k = 0; k < 3; k++)
            group = group << 8 | (k < count ? bytes[i + k] : 0);
        for (size_t k = 0; k < 4; k++)
            out += k <= count ? kDigits[group >> (18 - 6 * k) & 63] : '=';
    }
    return out;
}

}  // namespace slimscale::reports
