#include "base/text.h"

#include <algorithm>

#include "base/numbers.h"

namespace slimscale::base {
namespace {

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

}  // namespace

std::string size_text(int width, int height) {
    return std::to_string(width) + "x" + std::to_string(height);
}

std::string bytes_text(uint64_t bytes) {
    static const char *const units[] = {"bytes", "KiB", "MiB", "GiB"};
    double value = static_cast<double>(bytes);
    int unit = 0;
    for (; value >= 1024 && unit < 3; unit++)
        value /= 1024;
    return decimal(value, unit == 0 ? 0 : 1) + " " + units[unit];
}

std::string file_size_text(uint64_t bytes) {
    const double value = static_cast<double>(bytes);
    return bytes < 1000000 ? decimal(value / 1e3, 1) + " KB" : decimal(value / 1e6, 2) + " MB";
}

std::string joined(const std::vector<std::string> &words, std::string_view separator) {
    std::string text;
    for (const std::string &word : words) {
        if (&word != &words.front())
            text += separator;
        text += word;
    }
    return text;
}

std::string joined(const std::vector<int> &numbers, std::string_view separator) {
    std::vector<std::string> words;
    words.reserve(numbers.size());
    for (int number : numbers)
        words.push_back(std::to_string(number));
    return joined(words, separator);
}

std::string one_line(std::string text) {
    std::replace_if(text.begin(), text.end(), is_control, '?');
    return text;
}

std::string in_quotes(const std::string &text) {
    constexpr size_t kMaxShown = 100;
    return "\"" + one_line(text.substr(0, kMaxShown)) + (text.size() > kMaxShown ? "...\"" : "\"");
}

bool is_name_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= kMaxNameLength && std::all_of(text.begin(), text.end(), is_name_letter);
}

}  // namespace slimscale::base
