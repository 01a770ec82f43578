// Frames of a video stream, y4m or raw, in the library's formats.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "extras/video/stream.h"
#include "extras/video/y4m.h"
#include "slimscale/slimscale.h"

namespace slimscale::host {

// Pixels, at least 1 each way.
struct FrameSize {
    int width = 0, height = 0;
};

// A frame as the stream has it: its planes follow each other, with rows without padding.
struct VideoFrame {
    std::vector<uint8_t> bytes;
    std::string parameters;  // the parameters in a y4m frame's line
};

// What all frames of a stream have in common.
struct FrameLayout {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;  // format, size, colors; no planes
    int planes = 1;                                // number of planes in the stream
    // True if the stream has Y alone and the network takes colors: `image` is YUV with chroma in separate planes, which
    // are neutral for inputs and ignored for outputs.
    bool added_chroma = false;

    // The bytes of a frame in the stream, and of the added chroma; 0 if they do not fit a number.
    uint64_t stream_bytes() const { return bytes_of(0, planes); }
    uint64_t added_bytes() const { return added_chroma ? bytes_of(1, 3) : 0; }
    FrameLayout scaled(int scale) const;
    // The image with its planes in `bytes` and added chroma in `added`.
    slimscale_image view(uint8_t *bytes, uint8_t *added) const;
    // Neutral chroma for view().
    std::vector<uint8_t> neutral_chroma() const;

private:
    uint64_t bytes_of(int first_plane, int end_plane) const;
};

// 16K, 15360 x 8640, and a little more.
constexpr uint64_t kMostPixels = uint64_t{1} << 27;

// What the user says about a stream. If a y4m header says it too, a contradiction is an error.
struct StreamOptions {
    std::string format;  // "": y4m; else a raw format's name
    FrameSize size;      // of raw frames
    slimscale_range range = SLIMSCALE_RANGE_DEFAULT;
    slimscale_siting siting = SLIMSCALE_SITING_DEFAULT;
    slimscale_matrix matrix = SLIMSCALE_MATRIX_DEFAULT;  // never in a header
    uint64_t max_pixels = kMostPixels;                   // of a y4m header's frames; larger ones are refused
};

// The input, from its header on.
class FrameReader {
public:
    // `colors` are the network's.
    static Result<FrameReader> open(video::ByteSource source, const StreamOptions &options, int colors);

    const FrameLayout &layout() const { return layout_; }
    const video::Y4mHeader *header() const { return raw_ ? nullptr : &header_; }

    // Reads a frame. False: the stream has ended after a whole frame. A frame that is cut off is an error.
    // Precondition: `frame.bytes` has layout().stream_bytes().
    Result<bool> read(VideoFrame &frame);
    void stop() { source_.stop(); }

private:
    FrameReader(video::ByteSource source) : source_(std::move(source)) {}
    Status read_header(const StreamOptions &options, int colors);

    video::ByteSource source_;
    bool raw_ = false;
    video::Y4mHeader header_;
    FrameLayout layout_;
    uint64_t frames_ = 0;
};

}  // namespace slimscale::host
