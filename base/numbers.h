// Numbers as text and back, the same in every locale.
#pragma once

#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

namespace slimscale::base {

constexpr const char *kNoValue = "\u2013";  // what is shown where there is no number

std::string shortest(double value);                   // the shortest text that reads back as the same number
std::string decimal(double value, int decimals);      // "37.71"; kNoValue unless finite
std::string readable(double value, int digits = 5);   // "0.012345", "37.712", "12,400", "2.5e-5"
std::string compact(double value);                    // "250k", "1.5M", "0.002", "1e-5"
std::string grouped(int64_t value);                   // "300,000"
std::string percent(double share, int decimals = 0);  // 0.5: "50 %"; kNoValue unless finite
std::string duration(double seconds);                 // "3 h 12 min"; kNoValue unless within 0 and a million days
std::string clock(double seconds);                    // "1:05:09", "5:09": whole seconds, none if negative

// `value` rounded to `digits` significant digits, so that shortest() has no more of them.
double rounded(double value, int digits);

// Returns false unless all of `text` is one number ("nan" and "inf" are floating-point numbers); *value may have
// changed even then.
template <typename Number>
[[nodiscard]] bool parse(std::string_view text, Number *value) {
    const char *end = text.data() + text.size();
    const auto result = std::from_chars(text.data(), end, *value);
    return result.ec == std::errc() && result.ptr == end;
}

}  // namespace slimscale::base
