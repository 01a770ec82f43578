// An element "slimscale" of the built plugin in a GstHarness, random frames for it, and their rows.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "slimscale/slimscale.h"

namespace slimscale::test {

// Names and values as gst-launch takes them: {"model", "edsr_small_x2"}.
using Properties = std::vector<std::pair<std::string, std::string>>;

class Harness {
public:
    explicit Harness(const Properties &properties);
    ~Harness();
    Harness(const Harness &) = delete;
    Harness &operator=(const Harness &) = delete;

    GstHarness *get() const { return harness_; }
    GstElement *element() const { return harness_->element; }

    void set_input(const std::string &caps);
    GstCaps *output_caps() const;                       // owned by the caller; null: none were negotiated
    std::string output_field(const char *field) const;  // of the negotiated caps, as text
    std::string error() const;                          // text of the first error message so far; "": none

private:
    GstHarness *harness_ = nullptr;
    GstBus *bus_ = nullptr;
};

// The message of an element that cannot start, for which a harness would abort. "": it starts.
std::string error_of_start(const Properties &properties);

// A frame of these caps with random samples. padding: bytes after every row and plane and before the first, which are
// random too.
GstBuffer *random_frame(const GstVideoInfo &info, size_t padding, unsigned seed);

// The bytes of a frame's rows without padding, plane after plane.
std::vector<uint8_t> rows_of(const GstVideoInfo &info, GstBuffer *frame);

GstVideoInfo info_of(const std::string &caps);

}  // namespace slimscale::test
