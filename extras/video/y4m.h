// The lines of YUV4MPEG2 ("y4m"). A stream is a header line and frames; a frame is a line and its planes Y, U and V,
// with rows from the top and without padding. Fields are as FFmpeg writes and reads them.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::video {

enum class Sampling { mono, s420, s422, s444 };
enum class Siting { unsaid, left, center, top_left };  // of chroma; only 4:2:0 of 8 bits tells it
enum class Range { unsaid, full, limited };

// A longer line is refused. FFmpeg itself takes at most 95 characters in a stream's header and 79 in a frame's line.
constexpr size_t kMostLine = 4096;
constexpr size_t kMostHeaderForFfmpeg = 95;

struct Y4mHeader {
    int width = 0, height = 0;  // pixels, 1 to 65536
    Sampling sampling = Sampling::s420;
    int bits = 8;  // 8; 10, 12 and 16 in the low bits of 16-bit words
    Siting siting = Siting::center;
    Range range = Range::unsaid;
    std::vector<std::string> fields;  // all fields in the line's order: "W640", "H360", "F25:1", ...
};

// `line` has no line feed. A stream that cannot be upscaled frame by frame (interlaced, 4:1:1, alpha, other depths) is
// refused with the reason.
Result<Y4mHeader> parse_header(const std::string &line);

// The same header for frames of another size, without a line feed. If FFmpeg would refuse the line for its length,
// fields that repeat others or are unknown are left out.
std::string header_line(const Y4mHeader &header, int width, int height);

// The parameters of a frame's line ("FRAME Ipp" has " Ipp"), to be written again as they are. Refuses lines that are no
// frame's, and interlaced frames, which mixed streams ("Im") may have.
Result<std::string> parse_frame_line(const std::string &line);

}  // namespace slimscale::video
