#include "extras/video/y4m.h"

#include <algorithm>

#include "base/numbers.h"
#include "base/text.h"

namespace slimscale::video {

namespace {

constexpr const char *kMagic = "YUV4MPEG2";
constexpr const char *kFrame = "FRAME";
constexpr int kMaxSide = 1 << 16;  // the library's

// A value of the field C of a header.
struct Chroma {
    const char *name;
    Sampling sampling;
    int bits;
    Siting siting;
};
constexpr Chroma kChromas[] = {
    {"420jpeg", Sampling::s420, 8, Siting::center},    {"420mpeg2", Sampling::s420, 8, Siting::left},
    {"420paldv", Sampling::s420, 8, Siting::top_left}, {"420", Sampling::s420, 8, Siting::center},
    {"422", Sampling::s422, 8, Siting::unsaid},        {"444", Sampling::s444, 8, Siting::unsaid},
    {"mono", Sampling::mono, 8, Siting::unsaid},       {"420p10", Sampling::s420, 10, Siting::unsaid},
    {"422p10", Sampling::s422, 10, Siting::unsaid},    {"444p10", Sampling::s444, 10, Siting::unsaid},
    {"mono10", Sampling::mono, 10, Siting::unsaid},    {"420p12", Sampling::s420, 12, Siting::unsaid},
    {"422p12", Sampling::s422, 12, Siting::unsaid},    {"444p12", Sampling::s444, 12, Siting::unsaid},
    {"mono12", Sampling::mono, 12, Siting::unsaid},    {"420p16", Sampling::s420, 16, Siting::unsaid},
    {"422p16", Sampling::s422, 16, Siting::unsaid},    {"444p16", Sampling::s444, 16, Siting::unsaid},
    {"mono16", Sampling::mono, 16, Siting::unsaid},
};

bool starts_with(const std::string &text, const char *start) {
    return text.rfind(start, 0) == 0;
}

std::vector<std::string> words_of(const std::string &text) {
    std::vector<std::string> words;
    for (size_t at = 0; at < text.size();) {
        const size_t end = std::min(text.find(' ', at), text.size());
        if (end > at)
            words.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return words;
}

Result<int> parse_side(const std::string &field) {
    const std::string digits = field.substr(1);
    int side = 0;
    if (digits.size() > 5 || !base::parse(digits, &side) || side < 1 || side > kMaxSide)
        return Error{"the y4m header says " + base::in_quotes(field) + "; sizes are 1 to 65536 pixels"};
    return side;
}

Status parse_chroma(const std::string &name, Y4mHeader &header) {
    for (const Chroma &chroma : kChromas)
        if (name == chroma.name) {
            header.sampling = chroma.sampling;
            header.bits = chroma.bits;
            header.siting = chroma.siting;
            return Status();
        }
    return Error{"the y4m header says " + base::in_quotes("C" + name) +
                 "; taken are 4:2:0, 4:2:2, 4:4:4 and mono of 8, 10, 12 and 16 bits: convert it, for example with "
                 "ffmpeg -pix_fmt yuv420p"};
}

Status check_interlacing(const std::string &field) {
    if (field == "It" || field == "Ib")
        return Error{"the video is interlaced (" + field +
                     "); deinterlace it first, for example with ffmpeg -vf bwdif"};
    return Status();
}

Status parse_range(const std::string &value, Y4mHeader &header) {
    if (value == "FULL")
        header.range = Range::full;
    else if (value == "LIMITED")
        header.range = Range::limited;
    else
        return Error{"the y4m header says " + base::in_quotes("XCOLORRANGE=" + value) + "; FULL and LIMITED are known"};
    return Status();
}

Status parse_field(const std::string &field, Y4mHeader &header) {
    constexpr const char *kRange = "XCOLORRANGE=";
    switch (field[0]) {
    case 'W': {
        SLIMSCALE_ASSIGN_OR_RETURN(header.width, parse_side(field));
        return Status();
    }
    case 'H': {
        SLIMSCALE_ASSIGN_OR_RETURN(header.height, parse_side(field));
        return Status();
    }
    case 'C':
        return parse_chroma(field.substr(1), header);
    case 'I':
        return check_interlacing(field);
    case 'X':
        return starts_with(field, kRange) ? parse_range(field.substr(std::string(kRange).size()), header) : Status();
    default:
        return Status();  // rates, aspects and unknown fields mean the same for the output
    }
}

size_t length_of(const std::vector<std::string> &fields) {
    size_t length = std::string(kMagic).size();
    for (const std::string &field : fields)
        length += 1 + field.size();
    return length;
}

// Removes fields that begin with `start`, last ones first, until the line is short enough.
void shorten(std::vector<std::string> &fields, const char *start) {
    for (size_t i = fields.size(); i-- > 0 && length_of(fields) > kMostHeaderForFfmpeg;)
        if (starts_with(fields[i], start) && !starts_with(fields[i], "XCOLORRANGE="))
            fields.erase(fields.begin() + static_cast<ptrdiff_t>(i));
}

}  // namespace

Result<Y4mHeader> parse_header(const std::string &line) {
    Y4mHeader header;
    header.fields = words_of(line);
    if (header.fields.empty() || header.fields[0] != kMagic || !starts_with(line, kMagic))
        return Error{"this is no y4m stream; raw frames need --format and --size"};
    header.fields.erase(header.fields.begin());
    for (const std::string &field : header.fields)
        SLIMSCALE_RETURN_IF_ERROR(parse_field(field, header));
    if (header.width == 0 || header.height == 0)
        return Error{"the y4m header lacks the frames' width or height"};
    return header;
}

std::string header_line(const Y4mHeader &header, int width, int height) {
    std::vector<std::string> fields = header.fields;
    for (std::string &field : fields)
        if (field[0] == 'W' || field[0] == 'H')
            field = field[0] + std::to_string(field[0] == 'W' ? width : height);
    shorten(fields, "XYSCSS=");
    shorten(fields, "X");
    std::string line = kMagic;
    for (const std::string &field : fields)
        line += " " + field;
    return line;
}

Result<std::string> parse_frame_line(const std::string &line) {
    const std::string parameters = starts_with(line, kFrame) ? line.substr(std::string(kFrame).size()) : "";
    if (!starts_with(line, kFrame) || (!parameters.empty() && parameters[0] != ' '))
        return Error{"the stream has " + base::in_quotes(line.substr(0, 32)) + " where a frame should begin"};
    for (const std::string &field : words_of(parameters))
        if (field[0] == 'I' && field.size() >= 3 && (field[2] == 'i' || field[3] == 'i'))
            return Error{"the frame is interlaced (" + base::one_line(field) +
                         "); deinterlace the video first, for example with ffmpeg -vf bwdif"};
    return parameters;
}

}  // namespace slimscale::video
