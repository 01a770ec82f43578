#include "extras/reports/html.h"

#include <algorithm>

#include <nlohmann/json.hpp>

namespace slimscale::reports {
namespace {

constexpr const char *kReplacement = "\uFFFD";

// `text` with every byte that is not UTF-8 replaced, as the JSON library does when it writes.
std::string valid_utf8(std::string_view text) {
    using Json = nlohmann::json;
    return Json::parse(Json(text).dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

bool is_control(char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7f;
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
    for (const char c : valid_utf8(text))
        if (const char *name = entity(c))
            out += name;
        else if (is_control(c))
            out += kReplacement;
        else
            out += c;
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
