#include "tests/blocks/compare.h"

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <sstream>

namespace slimscale::test {

std::string difference(const OutputView &output, const Expected &expected, int channels, int width, int first_row,
                       int last_row, Tolerance tolerance) {
    double sum = 0, squares = 0, worst = 0;
    int n = 0;
    std::ostringstream where;
    for (int y = first_row; y <= last_row; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < channels; c++) {
                const double want = expected(c, x, y);
                const double error = std::abs(output(c, x, y) - want) - tolerance.of_value * std::abs(want);
                sum += want, squares += want * want, n++;
                if (!(error <= worst)) {  // NaN included
                    worst = std::isnan(error) ? std::numeric_limits<double>::infinity() : error;
                    where.str("");
                    where << "c " << c << ", x " << x << ", y " << y << ": " << output(c, x, y) << " instead of "
                          << want;
                }
            }
        }
    }
    const double deviation = n > 1 ? std::sqrt(std::max(0., squares / n - sum / n * (sum / n))) : 1;
    return worst <= tolerance.of_deviation * deviation ? "" : where.str();
}

static uint32_t bits_of(float value) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    return bits;
}

std::string byte_difference(const OutputView &a, const OutputView &b, int channels, int width, int rows) {
    for (int y = 0; y < rows; y++) {
        for (int x = 0; x < width; x++) {
            for (int c = 0; c < channels; c++) {
                const float u = a(c, x, y), v = b(c, x, y);
                if (bits_of(u) != bits_of(v)) {
                    std::ostringstream where;
                    where << "c " << c << ", x " << x << ", y " << y << ": " << u << " and " << v;
                    return where.str();
                }
            }
        }
    }
    return "";
}

}  // namespace slimscale::test
