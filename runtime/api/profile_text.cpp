#include "runtime/api/profile_text.h"

#include <algorithm>
#include <cmath>
#include <cstdarg>
#include <cstdio>
#include <cstring>

namespace slimscale::runtime {

namespace {

constexpr double kMostNumber = 999'999'999'999'999;  // 15 digits: exact in a double, and no overflow
constexpr double kMostCount = 1 << 20;
constexpr double kPicoseconds = 1000;

// Whether a name of at most so many bytes, including its zero, is not empty and has no control characters, which could
// begin other lines.
bool sound_name(const char *name, size_t size, bool spaces) {
    const char *end = static_cast<const char *>(std::memchr(name, 0, size));
    if (!end || end == name || name[0] == ' ' || end[-1] == ' ')
        return false;
    for (const char *c = name; c < end; c++)
        if (static_cast<unsigned char>(*c) < ' ' || *c == 0x7f || (*c == ' ' && !spaces))
            return false;
    return true;
}

bool sound_cost(const slimscale_cost &cost) {
    return sound_name(cost.target, sizeof cost.target, false) && cost.channels > 0 && cost.channels <= kMostCount &&
           cost.threads > 0 && cost.threads <= kMostCount && cost.fixed_ns >= 0 && cost.fixed_ns <= kMostNumber &&
           cost.ns_per_pixel >= 0 && cost.ns_per_pixel * kPicoseconds <= kMostNumber;
}

// Appends lines to a text, as snprintf does.
struct Writer {
    char *text;
    size_t size, used = 0;

    __attribute__((format(printf, 2, 3))) void line(const char *format, ...) {
        va_list arguments;
        va_start(arguments, format);
        const size_t left = text && used < size ? size - used : 0;
        used += static_cast<size_t>(std::vsnprintf(left ? text + used : nullptr, left, format, arguments));
        va_end(arguments);
    }
};

// Words of one line, separated by single spaces.
struct Words {
    const char *at, *end;

    bool next(const char *&word, size_t &length) {
        if (at >= end)
            return false;
        word = at;
        while (at < end && *at != ' ')
            at++;
        length = static_cast<size_t>(at - word);
        if (at < end && ++at == end)
            return false;  // the line ends with a space
        return length > 0;
    }
    bool is(const char *wanted) {
        const char *word;
        size_t length;
        return next(word, length) && length == std::strlen(wanted) && std::memcmp(word, wanted, length) == 0;
    }
    bool name(char *to, size_t size, bool rest) {
        const char *word;
        size_t length;
        if (rest) {
            word = at;
            length = static_cast<size_t>(end - at);
            at = end;
        } else if (!next(word, length)) {
            return false;
        }
        if (length >= size)
            return false;
        std::memcpy(to, word, length);
        to[length] = '\0';
        return sound_name(to, size, rest);
    }
    bool number(double most, double &value) {
        const char *word;
        size_t length;
        value = 0;
        if (!next(word, length) || length > 15)
            return false;
        for (size_t i = 0; i < length; i++) {
            if (word[i] < '0' || word[i] > '9')
                return false;
            value = 10 * value + (word[i] - '0');
        }
        return value <= most;
    }
    bool over() const { return at >= end; }
};

bool read_cost(Words words, slimscale_cost &cost) {
    double channels = 0, threads = 0, fixed = 0, slope = 0;
    if (!words.is("cost") || !words.name(cost.target, sizeof cost.target, false) ||
        !words.number(kMostCount, channels) || !words.number(kMostCount, threads) ||
        !words.number(kMostNumber, fixed) || !words.number(kMostNumber, slope) || !words.over())
        return false;
    cost.channels = static_cast<int>(channels);
    cost.threads = static_cast<int>(threads);
    cost.fixed_ns = fixed;
    cost.ns_per_pixel = slope / kPicoseconds;
    return sound_cost(cost);
}

}  // namespace

size_t profile_to_text(const slimscale_profile &p, char *text, size_t text_size) {
    if (p.size != sizeof p || p.version != SLIMSCALE_PROFILE_VERSION || p.cost_count > SLIMSCALE_MAX_COSTS ||
        !sound_name(p.model, sizeof p.model, true) || !sound_name(p.machine, sizeof p.machine, true))
        return 0;
    Writer out{text, text_size};
    out.line("slimscale profile %d\nmodel %s\nmachine %s\n", SLIMSCALE_PROFILE_VERSION, p.model, p.machine);
    for (uint32_t i = 0; i < p.cost_count; i++) {
        const slimscale_cost &cost = p.costs[i];
        if (!sound_cost(cost))
            return 0;
        out.line("cost %s %d %d %lld %lld\n", cost.target, cost.channels, cost.threads, std::llround(cost.fixed_ns),
                 std::llround(cost.ns_per_pixel * kPicoseconds));
    }
    out.line("end\n");
    return out.used + 1;
}

slimscale_status profile_from_text(const char *text, size_t text_size, slimscale_profile &profile, Error &error) {
    slimscale_profile read{};
    read.size = sizeof read;
    read.version = SLIMSCALE_PROFILE_VERSION;
    const char *at = text;
    const char *end = std::find(text, text + text_size, '\0');
    char first[32];
    std::snprintf(first, sizeof first, "%d", SLIMSCALE_PROFILE_VERSION);
    for (int line = 1; at < end; line++) {
        const void *newline = std::memchr(at, '\n', static_cast<size_t>(end - at));
        if (!newline)
            break;
        Words words{at, static_cast<const char *>(newline)};
        at = words.end + 1;
        bool sound = false;
        if (line == 1) {
            sound = words.is("slimscale") && words.is("profile") && words.is(first) && words.over();
        } else if (line == 2) {
            sound = words.is("model") && words.name(read.model, sizeof read.model, true);
        } else if (line == 3) {
            sound = words.is("machine") && words.name(read.machine, sizeof read.machine, true);
        } else if (words.end - words.at == 3 && std::memcmp(words.at, "end", 3) == 0) {
            if (at != end)
                return error.set(SLIMSCALE_INVALID_PROFILE, "the profile goes on behind its end, in line %d", line + 1);
            profile = read;
            return SLIMSCALE_OK;
        } else {
            sound = read.cost_count < SLIMSCALE_MAX_COSTS && read_cost(words, read.costs[read.cost_count]);
            read.cost_count += sound;
        }
        if (!sound)
            return error.set(SLIMSCALE_INVALID_PROFILE,
                             "line %d is not one of a profile of version %d; measure the profile again", line,
                             SLIMSCALE_PROFILE_VERSION);
    }
    return error.set(SLIMSCALE_INVALID_PROFILE, "the profile breaks off before its end; measure it again");
}

}  // namespace slimscale::runtime
