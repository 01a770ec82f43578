// Text of bounded length without allocation, for printing and parsing names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace slimscale::contract {

// Zero-terminated text of at most `capacity` - 1 characters. What does not fit is cut off; the capacities used for
// names are large enough for every name.
template <size_t capacity>
class Text {
public:
    void append(std::string_view more) {
        for (const char letter : more)
            if (size_ + 1 < capacity)
                text_[size_++] = letter;
    }
    // Precondition: `number` is not negative.
    void append_number(int number) {
        char digits[12];
        size_t first = sizeof digits;
        do {
            digits[--first] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number > 0);
        append({digits + first, sizeof digits - first});
    }
    const char *c_str() const { return text_; }
    std::string_view view() const { return {text_, size_}; }
    std::string str() const { return std::string(view()); }

private:
    char text_[capacity] = {};
    size_t size_ = 0;
};

// Removes `word` from the front of `text`. Returns false if `text` does not begin with it.
inline bool take(std::string_view &text, std::string_view word) {
    if (text.size() < word.size() || std::string_view(text.data(), word.size()) != word)
        return false;
    text.remove_prefix(word.size());
    return true;
}

// Removes a number of up to four digits without leading zeros and returns it; -1 if `text` does not begin with one.
inline int take_number(std::string_view &text) {
    constexpr size_t kMostDigits = 4;
    size_t digits = 0;
    int number = 0;
    while (digits < text.size() && text[digits] >= '0' && text[digits] <= '9' && digits <= kMostDigits)
        number = 10 * number + (text[digits++] - '0');
    if (digits == 0 || digits > kMostDigits || (digits > 1 && text[0] == '0'))
        return -1;
    text.remove_prefix(digits);
    return number;
}

}  // namespace slimscale::contract
