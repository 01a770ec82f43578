#include "cli/comparison.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "base/numbers.h"
#include "base/text.h"
#include "extras/images/channels.h"
#include "extras/images/metadata.h"
#include "extras/quality/pictures.h"
#include "host/alpha.h"
#include "host/console.h"
#include "host/jobs.h"

namespace slimscale::cli {
namespace {

namespace fs = std::filesystem;
using images::Image;

// Of a result: what a large window shows pixel for pixel.
constexpr int kMostWidth = 1536, kMostHeight = 1152;
constexpr int kMargin = 4;                   // input pixels that bicubic sees beyond the excerpt, and more
constexpr size_t kMostPngBytes = 1 << 20;    // of one picture; larger ones become JPEGs
constexpr size_t kMostPageBytes = 48 << 20;  // of all pictures' files, which are a third more as text
constexpr int kLeastShownWidth = 640;        // CSS pixels: smaller results are shown enlarged
constexpr int kMostZoom = 8;
const char *const kAbout =
    "Left of the handle: the input, enlarged by bicubic interpolation as image programs do it. Right of it: the "
    "network's result. Drag, or move the handle with the arrow keys.";

// The place, the camera and the texts of a photo do not get into a page that is handed on.
std::vector<images::Chunk> color_chunks(const std::vector<images::Chunk> &metadata) {
    std::vector<images::Chunk> kept;
    std::copy_if(metadata.begin(), metadata.end(), std::back_inserter(kept),
                 [](const images::Chunk &chunk) { return images::describes_colors(chunk.name.data()); });
    return kept;
}

int enlarged(int width) {
    return std::clamp(kLeastShownWidth / width, 1, kMostZoom);
}

// Both as PNG, or where one is large, both as JPEG.
Status encode(const Image &bicubic, const Image &result, reports::Comparison &comparison, std::string &how) {
    std::vector<uint8_t> &before = comparison.before.file, &after = comparison.after.file;
    SLIMSCALE_RETURN_IF_ERROR(images::encode_image(bicubic, images::FileFormat::png, {}, before));
    SLIMSCALE_RETURN_IF_ERROR(images::encode_image(result, images::FileFormat::png, {}, after));
    how = "lossless";
    if (std::max(before.size(), after.size()) <= kMostPngBytes || result.has_alpha() ||
        images::color_description_beyond_icc(result.metadata))
        return Status();
    const images::WriteOptions options;
    SLIMSCALE_RETURN_IF_ERROR(images::encode_image(bicubic, images::FileFormat::jpeg, options, before));
    SLIMSCALE_RETURN_IF_ERROR(images::encode_image(result, images::FileFormat::jpeg, options, after));
    how = "as JPEG of quality " + std::to_string(options.jpeg_quality);
    return Status();
}

std::string ms_text(double ms) {
    return base::decimal(ms, ms < 100 ? 1 : 0) + " ms";
}

}  // namespace

Excerpt excerpt_of(int width, int height, int scale) {
    Excerpt excerpt{0, 0, width, height};
    const int most_width = kMostWidth / scale, most_height = kMostHeight / scale;
    if (int64_t{1} * width * height <= int64_t{1} * most_width * most_height)
        return excerpt;
    excerpt.width = std::min(width, most_width);
    excerpt.height = std::min(height, most_height);
    excerpt.x = (width - excerpt.width) / 2;
    excerpt.y = (height - excerpt.height) / 2;
    return excerpt;
}

Image bicubic_excerpt(const Image &input, const Excerpt &excerpt, int scale) {
    const int left = std::max(0, excerpt.x - kMargin), top = std::max(0, excerpt.y - kMargin);
    const int right = std::min(input.width, excerpt.x + excerpt.width + kMargin);
    const int bottom = std::min(input.height, excerpt.y + excerpt.height + kMargin);
    Image seen = images::to_8_bits(quality::cropped(input, left, top, right - left, bottom - top));
    if (seen.has_alpha())
        host::bleed_colors(seen);
    const Image large = quality::resized(seen, scale * seen.width, scale * seen.height);
    Image shown = quality::cropped(large, scale * (excerpt.x - left), scale * (excerpt.y - top), scale * excerpt.width,
                                   scale * excerpt.height);
    shown.metadata = color_chunks(input.metadata);
    return shown;
}

Status ComparisonPage::check(const std::string &path, const host::Jobs &jobs, bool overwrite) {
    if (fs::path(path).extension() != ".html")
        return Error{"--compare " + path + ": the file's name must end in .html"};
    for (const host::Job &job : jobs.jobs)
        if (fs::path(path).lexically_normal() == fs::path(job.output).lexically_normal() ||
            base::same_file(path, job.output) || base::same_file(path, job.input))
            return Error{"--compare " + path + ": an image has that name; give another one"};
    return host::prepare_output(path, overwrite);
}

bool ComparisonPage::is_full() const {
    return bytes_ > kMostPageBytes;
}

Status ComparisonPage::add(const std::string &input, const Excerpt &excerpt, const Image &bicubic, const Image &result,
                           const slimscale_report &report) {
    count_++;
    if (is_full())
        return Status();
    Image ours = images::to_8_bits(quality::cropped(result, scale_ * excerpt.x, scale_ * excerpt.y,
                                                    scale_ * excerpt.width, scale_ * excerpt.height));
    ours.metadata = color_chunks(result.metadata);
    reports::Comparison comparison;
    comparison.title = input == host::kStandardStream ? "standard input" : fs::path(input).filename().native();
    comparison.before.label = "bicubic";
    comparison.after.label = model_ + ", " + std::to_string(report.channels) + " channels";
    comparison.width = ours.width;
    comparison.height = ours.height;
    comparison.zoom = enlarged(ours.width);
    std::string how;
    SLIMSCALE_RETURN_IF_ERROR(encode(bicubic, ours, comparison, how));
    comparison.caption = base::size_text(result.width / scale_, result.height / scale_) + " to " +
                         base::size_text(result.width, result.height) + " pixels, " + report.target + ", " +
                         ms_text(report.actual_ms) + ". ";
    if (ours.pixels() < result.pixels())
        comparison.caption += "Shown is the middle, " + base::size_text(ours.width, ours.height) + " pixels, ";
    else
        comparison.caption += "Shown is all of it, ";
    comparison.caption +=
        (comparison.zoom > 1 ? base::decimal(comparison.zoom, 0) + " times enlarged, " : "") + how + ".";
    bytes_ += comparison.before.file.size() + comparison.after.file.size();
    shown_.push_back(std::move(comparison));
    return Status();
}

Status ComparisonPage::save(const std::string &path) {
    reports::Page page((count_ == 1 ? shown_[0].title : std::to_string(count_) + " images") +
                       ", bicubic and slimscale");
    page.facts({{"Model", model_},
                {"Scale", "\u00d7" + std::to_string(scale_)},
                {"Threads", std::to_string(threads_)},
                {"Device", device_},
                {"slimscale", host::version()}});
    page.paragraph(kAbout);
    if (count_ == 1)
        shown_[0].title.clear();  // the page's own
    for (const reports::Comparison &comparison : shown_)
        page.comparison(comparison);
    if (shown_.size() < count_)
        page.paragraph(std::to_string(count_ - shown_.size()) + " more were upscaled; the page holds " +
                       base::file_size_text(bytes_) + " of pictures without them, and no more are put in.");
    return reports::save_page(path, page.html());
}

}  // namespace slimscale::cli
