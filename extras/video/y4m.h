// The lines of YUV4MPEG2 ("y4m"): a stream begins with a header line, each frame with a line of its own and then its
// planes, Y, U, V, rows from the top without padding. Fields are as FFmpeg writes and reads them.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::video {

enum class Sampling { mono, s420, s422, s444 };
enum class Siting { unsaid, left, center, top_left };  // of chroma, 4:2:0 of 8 bits only
enum class Range { unsaid, full, limited };

// A longer line is refused. FFmpeg itself takes 95 characters of a stream's header and 79 of a frame's.
constexpr size_t kMostLine = 4096;
constexpr size_t kMostHeaderForFfmpeg = 95;

struct Y4mHeader {
    int width = 0, height = 0;  // pixels, 1 to 65536
    Sampling sampling = Sampling::s420;
    int bits = 8;  // 8; 10, 12 and 16 in the low bits of 16-bit words
    Siting siting = Siting::center;
    Range range = Range::unsaid;
    std::vector<std::string> fields;  // all of the line, in its order: "W640", "H360", "F25:1", ...
};

// `line` is without its line feed. What cannot be upscaled frame by frame (interlaced, 4:1:1, alpha, other depths) is
// refused with the reason.
Result<Y4mHeader> parse_header(const std::string &line);

// The same header for frames of another size, without a line feed. Fields that only repeat or that nobody here knows
// are left out where FFmpeg would refuse the line for its length.
std::string header_line(const Y4mHeader &header, int width, int height);

// The parameters of a frame's line ("FRAME Ipp" has " Ipp"), to be written again as they are. Refuses what is no frame,
// and interlaced frames, which mixed streams ("Im") have among others.
Result<std::string> parse_frame_line(const std::string &line);

}  // namespace slimscale::video
