// Numbers as text and back, the same in every locale.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slimscale::reports {

constexpr const char *kNoValue = "\u2013";  // stands where a number would

std::string shortest(double value);                  // the shortest text that reads back as the same number
std::string decimal(double value, int decimals);     // "37.71"; kNoValue unless finite
std::string readable(double value, int digits = 5);  // "0.012345", "37.712", "12,400", "2.5e-5"
std::string compact(double value);                   // an axis' number: "250k", "1.5M", "0.002", "1e-5"
std::string grouped(int64_t value);                  // "300,000"
std::string duration(double seconds);                // "3 h 12 min"; kNoValue unless finite and not negative

// False unless all of `text` is one number ("nan" and "inf" are).
[[nodiscard]] bool parse(std::string_view text, double *value);
[[nodiscard]] bool parse(std::string_view text, int64_t *value);

}  // namespace slimscale::reports
