// Helpers for HTML and SVG: text that cannot become markup, elements that are closed, bytes as text.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slimscale::reports {

// Text that is safe as content and inside a quoted attribute. Bytes that are not UTF-8, and control characters that
// HTML forbids, become U+FFFD.
std::string escaped(std::string_view text);

struct Attribute {
    const char *name;
    std::string value;  // escaped by the functions below
};

// <name a="b">content</name>; `content` is markup already. Attributes with an empty value are left out.
std::string element(const char *name, const std::vector<Attribute> &attributes, std::string_view content);

// <name a="b"/>, for SVG's shapes and HTML's void elements.
std::string leaf(const char *name, const std::vector<Attribute> &attributes);

std::string base64(const std::vector<uint8_t> &bytes);

}  // namespace slimscale::reports
