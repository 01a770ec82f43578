#include "base/numbers.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace slimscale::base {
namespace {

constexpr size_t kTextBytes = 400;  // 1e308 in full with decimals

template <typename... Format>
std::string number_text(double value, Format... format) {
    std::array<char, kTextBytes> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format...).ptr;
    return {text.data(), end};
}

// "1234567.8" -> "1,234,567.8"
std::string with_groups(std::string digits) {
    constexpr size_t kGroup = 3;
    const size_t first = digits[0] == '-' ? 1 : 0;
    size_t place = std::min(digits.find('.'), digits.size());
    while (place > first + kGroup)
        digits.insert(place -= kGroup, 1, ',');
    return digits;
}

// "2.50000e-05" -> "2.5e-5"
std::string short_power(const std::string &text) {
    const size_t e = text.find('e');
    const size_t mantissa_end = text.find_last_not_of('0', e - 1) + 1;
    const std::string mantissa = text.substr(0, mantissa_end - (text[mantissa_end - 1] == '.' ? 1 : 0));
    const size_t digits = text.find_first_not_of('0', e + 2);
    const std::string exponent = digits == std::string::npos ? "0" : text.substr(digits);
    return mantissa + (text[e + 1] == '-' ? "e-" : "e") + exponent;
}

}  // namespace

std::string shortest(double value) {
    return number_text(value);
}

std::string decimal(double value, int decimals) {
    return std::isfinite(value) ? number_text(value, std::chars_format::fixed, decimals) : kNoValue;
}

std::string readable(double value, int digits) {
    if (!std::isfinite(value))
        return number_text(value);
    const double size = std::abs(value);
    if (size >= 1e3 && size < 1e15)
        return with_groups(decimal(value, 0));
    if (size != 0 && size < 1e-3)
        return short_power(number_text(value, std::chars_format::scientific, digits - 1));
    return number_text(value, std::chars_format::general, digits);
}

std::string compact(double value) {
    constexpr double kThousand = 1e3, kMillion = 1e6, kBillion = 1e9;
    constexpr int kDigits = 6;
    const double size = std::abs(value);
    if (size >= kMillion && size < kBillion)
        return number_text(value / kMillion, std::chars_format::general, kDigits) + "M";
    if (size >= kThousand && size < kMillion)
        return number_text(value / kThousand, std::chars_format::general, kDigits) + "k";
    if (size != 0 && size < 1 / kThousand)
        return short_power(number_text(value, std::chars_format::scientific, kDigits - 1));
    return number_text(value, std::chars_format::general, kDigits);
}

std::string grouped(int64_t value) {
    return with_groups(std::to_string(value));
}

std::string percent(double share, int decimals) {
    return std::isfinite(share) ? decimal(100 * share, decimals) + " %" : kNoValue;
}

std::string duration(double seconds) {
    constexpr double kMinute = 60, kHour = 60 * kMinute, kDay = 24 * kHour, kLongest = 1e6 * kDay;
    if (!(seconds >= 0) || seconds > kLongest)
        return kNoValue;
    const auto pair = [seconds](double large, const char *name, double small, const char *small_name) {
        const auto whole = static_cast<int64_t>(std::round(seconds / small));
        const auto ratio = static_cast<int64_t>(large / small);
        const std::string rest = whole % ratio != 0 ? " " + std::to_string(whole % ratio) + " " + small_name : "";
        return std::to_string(whole / ratio) + " " + name + rest;
    };
    if (seconds < kMinute)
        return decimal(seconds, seconds < 10 ? 1 : 0) + " s";
    if (seconds < kHour)
        return pair(kMinute, "min", 1, "s");
    return seconds < kDay ? pair(kHour, "h", kMinute, "min") : pair(kDay, "d", kHour, "h");
}

std::string clock(double seconds) {
    constexpr int64_t kMinute = 60, kHour = 60 * kMinute;
    const auto whole = static_cast<int64_t>(std::clamp(seconds, 0.0, 1e15));
    char text[32];
    if (whole >= kHour)
        std::snprintf(text, sizeof text, "%ld:%02ld:%02ld", whole / kHour, whole / kMinute % 60, whole % kMinute);
    else
        std::snprintf(text, sizeof text, "%ld:%02ld", whole / kMinute, whole % kMinute);
    return text;
}

double rounded(double value, int digits) {
    double result = value;
    return std::isfinite(value) && parse(number_text(value, std::chars_format::scientific, digits - 1), &result)
               ? result
               : value;
}

}  // namespace slimscale::base
