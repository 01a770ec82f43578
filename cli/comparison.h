// The page of `upscale --compare`: what bicubic makes of each input and what the network does, under a slider.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "extras/images/image.h"
#include "extras/reports/page.h"
#include "host/jobs.h"
#include "slimscale/slimscale.h"

namespace slimscale::cli {

// What of a result the page shows: all of it, or of a larger one the middle, pixel for pixel.
struct Excerpt {
    int x = 0, y = 0, width = 0, height = 0;  // of the input, in its pixels
};
Excerpt excerpt_of(int width, int height, int scale);

// The excerpt of `input`, enlarged by MATLAB's bicubic as if all of it were; 8 bits, with the metadata that say how
// its colors look and no others.
images::Image bicubic_excerpt(const images::Image &input, const Excerpt &excerpt, int scale);

class ComparisonPage {
public:
    // No other file is written at `path`: neither an input nor an output of `jobs`. Tells what stands against it before
    // anything is upscaled, and makes its folder.
    static Status check(const std::string &path, const host::Jobs &jobs, bool overwrite);

    // `device`: what the model runs on, by its own name.
    ComparisonPage(std::string model, int scale, std::string device, int threads)
        : model_(std::move(model)), device_(std::move(device)), scale_(scale), threads_(threads) {}

    // A full page counts further images and shows none.
    bool is_full() const;

    // `bicubic` is bicubic_excerpt()'s, or of a full page anything.
    Status add(const std::string &input, const Excerpt &excerpt, const images::Image &bicubic,
               const images::Image &result, const slimscale_report &report);

    bool empty() const { return count_ == 0; }
    Status save(const std::string &path);  // once

private:
    std::string model_, device_;
    int scale_, threads_;
    std::vector<reports::Comparison> shown_;
    size_t count_ = 0, bytes_ = 0;  // of the pictures' files
};

}  // namespace slimscale::cli
