// An element "slimscale" of the built plugin in a GstHarness, and what it should give, by the C API.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gst/check/gstharness.h>
#include <gst/video/video.h>

#include "slimscale/slimscale.h"

namespace slimscale::test {

// As gst-launch takes them: {"model", "edsr_small_x2"}.
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
    GstCaps *output_caps() const;                       // the caller's; null: none negotiated
    std::string output_field(const char *field) const;  // of the negotiated caps, as text
    std::string error() const;                          // text of the first error message so far; "": none

private:
    GstHarness *harness_ = nullptr;
    GstBus *bus_ = nullptr;
};

// What an element that cannot start says; a harness would abort. "": it starts.
std::string error_of_start(const Properties &properties);

// A frame of these caps with random samples. padding: bytes behind every row and plane, and before the first; they are
// random too.
GstBuffer *random_frame(const GstVideoInfo &info, size_t padding, unsigned seed);

// What is in a mapped frame's rows, plane after plane.
std::vector<uint8_t> rows_of(const GstVideoInfo &info, GstBuffer *frame);

GstVideoInfo info_of(const std::string &caps);

}  // namespace slimscale::test
