// The values of command-line options. A parser returns "" or a sentence, and leaves its result alone on failure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace slimscale::cli {

// "64": channels. "0.25", "1.0" or "1": a share of the model's channels.
struct Width {
    int channels = 0;     // 0: `fraction` counts
    double fraction = 0;  // 0: not given
};
std::string parse_width(const std::string &text, Width &width);

// "16,0.5,64".
std::string parse_widths(const std::string &text, std::vector<Width> &widths);

// "30fps", "20ms", "1.5s": milliseconds per image. "best": 0, no limit.
std::string parse_speed(const std::string &text, double &budget_ms);

// "10s", "500ms": milliseconds, more than 0.
std::string parse_time(const std::string &text, double &ms);

// "1500000", "512M", "1.5G", "64KiB": bytes, K, M and G in powers of 1024.
std::string parse_bytes(const std::string &text, size_t &bytes);

std::string bytes_text(size_t bytes);  // "1.5 MiB"

}  // namespace slimscale::cli
