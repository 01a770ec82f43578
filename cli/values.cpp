#include "cli/values.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "base/numbers.h"
#include "base/text.h"
#include "host/console.h"
#include "host/words.h"

namespace slimscale::cli {

using namespace host;

namespace {

// Splits "33.3ms" into 33.3 and "ms"; false if it does not start with a finite, non-negative decimal number.
bool number_and_unit(const std::string &text, double &number, std::string &unit) {
    const size_t end = text.find_first_not_of("0123456789.");
    const std::string digits = text.substr(0, end);
    char *stop = nullptr;
    number = std::strtod(digits.c_str(), &stop);
    unit = end == std::string::npos ? "" : text.substr(end);
    return !digits.empty() && *stop == 0 && std::isfinite(number);
}

}  // namespace

Status parse_width(const std::string &text, Width &width) {
    double number = 0;
    std::string unit;
    if (!number_and_unit(text, number, unit) || !unit.empty() || number <= 0 || number > 4096)
        return Error{"'" + text + "' is no width: give channels (64) or a share of them (0.25)"};
    if (number <= 1) {
        width = {0, number};
        return Status();
    }
    if (number != std::floor(number))
        return Error{"'" + text + "' is no width: channels are whole numbers, a share is at most 1"};
    width = {static_cast<int>(number), 0};
    return Status();
}

Status parse_widths(const std::string &text, std::vector<Width> &widths) {
    std::vector<Width> all;
    for (size_t start = 0; start <= text.size();) {
        const size_t end = std::min(text.find(',', start), text.size());
        SLIMSCALE_RETURN_IF_ERROR(parse_width(text.substr(start, end - start), all.emplace_back()));
        start = end + 1;
    }
    widths = std::move(all);
    return Status();
}

Status parse_speed(const std::string &text, double &budget_ms) {
    if (text == "best") {
        budget_ms = 0;
        return Status();
    }
    double rate = 0;
    std::string unit;
    if (number_and_unit(text, rate, unit) && unit == "fps" && rate > 0 && std::isfinite(1000 / rate)) {
        budget_ms = 1000 / rate;
        return Status();
    }
    if (parse_time(text, budget_ms).ok())
        return Status();
    return Error{"'" + text + "' is no speed: give 30fps, 20ms, 1.5s or best"};
}

Status parse_time(const std::string &text, double &ms) {
    double number = 0;
    std::string unit;
    if (number_and_unit(text, number, unit) && (unit == "ms" || unit == "s")) {
        const double value = unit == "s" ? 1000 * number : number;
        if (value > 0 && std::isfinite(value)) {
            ms = value;
            return Status();
        }
    }
    return Error{"'" + text + "' is no time: give seconds or milliseconds, 10s or 500ms"};
}

Status parse_bytes(const std::string &text, size_t &bytes) {
    double number = 0;
    std::string unit;
    if (number_and_unit(text, number, unit)) {
        const size_t letter = unit.empty() ? std::string::npos : std::string("KMG").find(unit[0]);
        const std::string rest = unit.empty() ? "" : unit.substr(1);
        const bool known =
            unit.empty() || (letter != std::string::npos && (rest.empty() || rest == "B" || rest == "iB"));
        const double value = known && !unit.empty() ? std::ldexp(number, 10 * static_cast<int>(letter + 1)) : number;
        if (known && value >= 1 && value < std::ldexp(1.0, 62)) {
            bytes = static_cast<size_t>(value);
            return Status();
        }
    }
    return Error{"'" + text + "' is no size: give bytes, or 512M, 1.5G"};
}

Status parse_size(const std::string &text, FrameSize &size) {
    const size_t times = text.find('x');
    const auto side = [](const std::string &digits) {
        int pixels = 0;
        return digits.size() <= 6 && base::parse(digits, &pixels) ? pixels : 0;
    };
    const int width = side(text.substr(0, times)),
              height = times == std::string::npos ? 0 : side(text.substr(times + 1));
    if (width < 1 || height < 1)
        return Error{"'" + text + "' is no size of frames: give width and height in pixels, 640x360"};
    size = {width, height};
    return Status();
}

Status parse_range(const std::string &text, slimscale_range &range) {
    constexpr Word<slimscale_range> kWords[] = {{"full", SLIMSCALE_RANGE_FULL}, {"limited", SLIMSCALE_RANGE_LIMITED}};
    return parse_word(text, "range", kWords, range);
}

Status parse_siting(const std::string &text, slimscale_siting &siting) {
    constexpr Word<slimscale_siting> kWords[] = {
        {"left", SLIMSCALE_SITING_LEFT}, {"center", SLIMSCALE_SITING_CENTER}, {"topleft", SLIMSCALE_SITING_TOP_LEFT}};
    return parse_word(text, "siting", kWords, siting);
}

Status parse_matrix(const std::string &text, slimscale_matrix &matrix) {
    constexpr Word<slimscale_matrix> kWords[] = {
        {"601", SLIMSCALE_MATRIX_BT601}, {"709", SLIMSCALE_MATRIX_BT709}, {"2020", SLIMSCALE_MATRIX_BT2020}};
    return parse_word(text, "matrix", kWords, matrix);
}

Status parse_frame_format(const std::string &text, std::string &format) {
    slimscale_format known;
    if (slimscale_parse_format(text.c_str(), &known) != SLIMSCALE_OK) {
        std::vector<std::string> all;
        for (int i = 0; const char *name = slimscale_format_name(static_cast<slimscale_format>(i)); i++)
            all.emplace_back(name);
        return Error{"'" + text + "' is no format: there are " + base::joined(all)};
    }
    format = text;
    return Status();
}

}  // namespace slimscale::cli
