#include "host/video_frames.h"

#include <algorithm>
#include <cstring>

#include "base/text.h"

namespace slimscale::host {

using video::ByteSource;

namespace {

// The library's name of a stream's format: "i420_10" for 4:2:0 with 10 bits.
std::string format_name(const video::Y4mHeader &header) {
    const std::string depth = std::to_string(header.bits);
    const auto planar = [&](const char *sampling) {
        return sampling + (header.bits == 8 ? std::string() : "_" + depth);
    };
    switch (header.sampling) {
    case video::Sampling::mono:
        return "gray" + depth;
    case video::Sampling::s420:
        return planar("i420");
    case video::Sampling::s422:
        return planar("i422");
    case video::Sampling::s444:
        break;
    }
    return planar("i444");
}

slimscale_range range_of(video::Range range) {
    switch (range) {
    case video::Range::full:
        return SLIMSCALE_RANGE_FULL;
    case video::Range::limited:
        return SLIMSCALE_RANGE_LIMITED;
    case video::Range::unsaid:
        break;
    }
    return SLIMSCALE_RANGE_DEFAULT;
}

slimscale_siting siting_of(video::Siting siting) {
    switch (siting) {
    case video::Siting::left:
        return SLIMSCALE_SITING_LEFT;
    case video::Siting::center:
        return SLIMSCALE_SITING_CENTER;
    case video::Siting::top_left:
        return SLIMSCALE_SITING_TOP_LEFT;
    case video::Siting::unsaid:
        break;
    }
    return SLIMSCALE_SITING_DEFAULT;
}

// Takes a value from the header, or else from the user. A contradiction is an error.
template <class Value>
Status settle(Value said, Value asked, const char *option, Value &value) {
    if (said && asked && said != asked)
        return Error{std::string(option) + " contradicts the y4m header; leave it out"};
    value = said ? said : asked;
    return Status();
}

slimscale_format_info info_of(slimscale_format format) {
    slimscale_format_info info{};
    info.size = sizeof info;
    slimscale_describe_format(format, &info);
    return info;
}

// Makes YUV of gray, which color networks do not take.
Status add_chroma(FrameLayout &layout) {
    const std::string name = slimscale_format_name(layout.image.format);  // "gray10"
    const std::string depth = name.substr(std::strlen("gray"));
    const std::string yuv = depth == "8" ? "i420" : "i420_" + depth;
    if (slimscale_parse_format(yuv.c_str(), &layout.image.format) != SLIMSCALE_OK)
        return Error{"frames in " + name + " need a luma network; name one by --model"};
    if (layout.image.range == SLIMSCALE_RANGE_DEFAULT)
        layout.image.range = SLIMSCALE_RANGE_FULL;  // gray's default, and not YUV's
    layout.added_chroma = true;
    return Status();
}

}  // namespace

uint64_t FrameLayout::bytes_of(int first_plane, int end_plane) const {
    uint64_t bytes = 0;
    for (int p = first_plane; p < end_plane; p++) {
        size_t row = 0;
        int rows = 0;
        if (slimscale_plane_size(image.format, image.width, image.height, p, &row, &rows) == SLIMSCALE_OK)
            bytes += uint64_t{row} * static_cast<uint64_t>(rows);
    }
    return bytes;
}

FrameLayout FrameLayout::scaled(int scale) const {
    FrameLayout larger = *this;
    larger.image.width *= scale;
    larger.image.height *= scale;
    return larger;
}

slimscale_image FrameLayout::view(uint8_t *bytes, uint8_t *added) const {
    slimscale_image view = image;
    for (int p = 0; p < (added_chroma ? 3 : planes); p++) {
        size_t row = 0;
        int rows = 0;
        slimscale_plane_size(view.format, view.width, view.height, p, &row, &rows);
        uint8_t *&at = p < planes ? bytes : added;
        view.planes[p] = at;
        view.strides[p] = static_cast<ptrdiff_t>(row);
        at += row * static_cast<size_t>(rows);
    }
    return view;
}

std::vector<uint8_t> FrameLayout::neutral_chroma() const {
    std::vector<uint8_t> chroma(added_bytes());
    const slimscale_format_info info = info_of(image.format);
    const uint16_t middle = static_cast<uint16_t>(1u << (info.bits - 1));
    if (info.word_bytes == 1)
        std::fill(chroma.begin(), chroma.end(), static_cast<uint8_t>(middle));
    else
        for (size_t i = 0; i < chroma.size(); i += sizeof middle)
            std::memcpy(&chroma[i], &middle, sizeof middle);
    return chroma;
}

Result<FrameReader> FrameReader::open(ByteSource source, const StreamOptions &options, int colors) {
    FrameReader reader(std::move(source));
    SLIMSCALE_RETURN_IF_ERROR(reader.read_header(options, colors));
    return reader;
}

Status FrameReader::read_header(const StreamOptions &options, int colors) {
    slimscale_image &image = layout_.image;
    image.matrix = options.matrix;
    raw_ = !options.format.empty();
    if (raw_) {
        if (slimscale_parse_format(options.format.c_str(), &image.format) != SLIMSCALE_OK)
            return Error{"--format " + options.format + " is unknown"};
        image.width = options.size.width;
        image.height = options.size.height;
        image.range = options.range;
        image.siting = options.siting;
    } else {
        std::string line;
        ByteSource::Line outcome{};
        SLIMSCALE_RETURN_IF_ERROR(source_.read_line(video::kMostLine, line, outcome));
        if (outcome != ByteSource::Line::whole)
            return Error{line.empty() ? "the input is empty" : "the input ends within its y4m header"};
        SLIMSCALE_ASSIGN_OR_RETURN(header_, video::parse_header(line));
        slimscale_parse_format(format_name(header_).c_str(), &image.format);
        image.width = header_.width;
        image.height = header_.height;
        const uint64_t pixels = static_cast<uint64_t>(header_.width) * static_cast<uint64_t>(header_.height);
        if (pixels > options.max_pixels)
            return Error{"the y4m header says frames of " + base::size_text(image.width, image.height) + ", and " +
                         std::to_string(options.max_pixels) + " pixels are the most; --max-pixels raises that"};
        SLIMSCALE_RETURN_IF_ERROR(settle(range_of(header_.range), options.range, "--range", image.range));
        SLIMSCALE_RETURN_IF_ERROR(settle(siting_of(header_.siting), options.siting, "--siting", image.siting));
    }
    const slimscale_format_info info = info_of(image.format);
    layout_.planes = info.model == SLIMSCALE_MODEL_PLANAR ? colors : info.planes;
    return info.model == SLIMSCALE_MODEL_GRAY && colors > 1 ? add_chroma(layout_) : Status();
}

Result<bool> FrameReader::read(VideoFrame &frame) {
    const auto cut = [&] { return Error{"the input ends within frame " + std::to_string(frames_ + 1)}; };
    if (!raw_) {
        std::string line;
        ByteSource::Line outcome{};
        SLIMSCALE_RETURN_IF_ERROR(source_.read_line(video::kMostLine, line, outcome));
        if (outcome == ByteSource::Line::none)
            return false;
        if (outcome == ByteSource::Line::cut)
            return cut();
        SLIMSCALE_ASSIGN_OR_RETURN(frame.parameters, video::parse_frame_line(line),
                                   "frame " + std::to_string(frames_ + 1) + ": ");
    }
    size_t got = 0;
    SLIMSCALE_RETURN_IF_ERROR(source_.read(frame.bytes.data(), frame.bytes.size(), got));
    if (raw_ && got == 0)
        return false;
    if (got < frame.bytes.size())
        return cut();
    frames_++;
    return true;
}

}  // namespace slimscale::host
