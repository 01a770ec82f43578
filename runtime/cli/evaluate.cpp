#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <map>
#include <new>

#include <nlohmann/json.hpp>

#include "images/channels.h"
#include "images/listing.h"
#include "quality/imresize.h"
#include "quality/measures.h"
#include "runtime/cli/commands.h"
#include "runtime/cli/console.h"
#include "runtime/cli/session.h"

namespace slimscale::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kSsimWindow = 11;

struct Score {
    double psnr = 0, ssim = 0;  // of luma; dB, 0..1
};

struct Row {
    std::string image;
    Score ours, bicubic;
    double ms = 0;
};

images::Image resized(const images::Image &image, int width, int height) {
    images::Image result{width, height, image.channels, 8, {}, {}};
    result.samples = quality::imresize(image.samples, {image.width, image.height, image.channels}, width, height);
    return result;
}

images::Image cropped(const images::Image &image, int width, int height) {
    images::Image result{width, height, image.channels, 8, {}, {}};
    result.allocate();
    for (int y = 0; y < height; y++)
        std::copy_n(image.samples.begin() + static_cast<ptrdiff_t>(y * image.row_bytes()), result.row_bytes(),
                    result.samples.begin() + static_cast<ptrdiff_t>(y * result.row_bytes()));
    return result;
}

// The original as papers use it: 8 bits, RGB (luma networks: gray), sides cut to multiples of the scale.
std::string read_original(const std::string &path, const Model &model, images::Image &original) {
    images::Image image;
    std::string error = images::read_image(path, image);
    if (!error.empty())
        return error;
    if (!images::fully_opaque(image))
        return "it has transparency; measures are for opaque images";
    if (image.has_alpha())
        image = images::without_alpha(image);
    if (image.channels < model.colors)
        image = images::gray_to_rgb(image);
    if (image.channels > model.colors)
        image = images::rgb_to_gray(image);
    image = images::to_8_bits(image);
    const int scale = model.scale;
    original = cropped(image, image.width / scale * scale, image.height / scale * scale);
    const int least = kSsimWindow + 2 * scale;
    if (original.width < least || original.height < least)
        return "too small to measure: at least " + std::to_string(least) + " pixels a side are needed";
    return "";
}

Score score(const images::Image &original, const images::Image &result, int scale) {
    const quality::Plane a = quality::luma_plane(original), b = quality::luma_plane(result);
    return {quality::psnr(a, b, scale), quality::ssim(a, b, scale)};
}

// The pictures compared, as --save names them.
struct SavedPaths {
    std::string small, bicubic, ours;
};

SavedPaths saved_paths(const Session &session, const EvaluateOptions &options, const std::string &image) {
    const std::string start = (fs::path(options.save) / fs::path(image).stem()).native() + "_";
    const std::string network = session.model.name + "_" + std::to_string(session.upscaler.widths().back());
    return {start + "lr.png", start + "bicubic.png", start + network + ".png"};
}

std::string existing_error(const SavedPaths &paths) {
    std::error_code code;
    for (const std::string &path : {paths.small, paths.bicubic, paths.ours})
        if (fs::exists(path, code))
            return path + " exists; --overwrite replaces it";
    return "";
}

std::string save(const std::string &path, const images::Image &picture) {
    const std::string error = images::write_image(path, picture, {});
    return error.empty() ? "" : path + ": " + error;
}

// Every image keeps its own pictures, and no original can be taken for one.
std::string check_save(const std::string &folder, const std::vector<std::string> &images) {
    std::map<std::string, std::string> by_stem;
    for (const std::string &image : images) {
        const fs::path path(image);
        std::error_code code;
        if (fs::equivalent(path.has_parent_path() ? path.parent_path() : ".", folder, code))
            return folder + ": " + image + " lies there; give --save another folder";
        const auto [other, is_new] = by_stem.emplace(path.stem().native(), image);
        if (!is_new)
            return other->second + " and " + image +
                   " would be saved under the same names; evaluate them apart, into two folders";
    }
    return "";
}

std::string evaluate(Session &session, const EvaluateOptions &options, Row &row) {
    const int scale = session.model.scale;
    const SavedPaths paths = saved_paths(session, options, row.image);
    images::Image original;
    std::string error = options.save.empty() || options.overwrite ? "" : existing_error(paths);
    if (error.empty())
        error = read_original(row.image, session.model, original);
    if (!error.empty())
        return error;
    const images::Image small = resized(original, original.width / scale, original.height / scale);
    const images::Image bicubic = resized(small, original.width, original.height);
    images::Image ours;
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    const slimscale_request request = SLIMSCALE_REQUEST_INIT;
    error = session.upscaler.upscale(small, request, ours, report);
    if (!error.empty())
        return error;
    row.ours = score(original, ours, scale);
    row.bicubic = score(original, bicubic, scale);
    row.ms = report.actual_ms;
    if (options.save.empty())
        return "";
    for (const auto &[path, picture] : {std::pair<const std::string &, const images::Image &>{paths.small, small},
                                        {paths.bicubic, bicubic},
                                        {paths.ours, ours}})
        if (error = save(path, picture); !error.empty())
            return error;
    return "";
}

Row mean(const std::vector<Row> &rows) {
    Row sum{"mean", {}, {}, 0};
    const double share = 1.0 / static_cast<double>(rows.size());
    for (const Row &row : rows) {
        sum.ours.psnr += row.ours.psnr * share;
        sum.ours.ssim += row.ours.ssim * share;
        sum.bicubic.psnr += row.bicubic.psnr * share;
        sum.bicubic.ssim += row.bicubic.ssim * share;
        sum.ms += row.ms * share;
    }
    return sum;
}

void print_row(const Row &row) {
    const std::string name = one_line(fs::path(row.image).filename().native());
    std::printf("%-28s %8.2f %8.4f %8.2f %8.4f %10.1f\n", name.c_str(), row.ours.psnr, row.ours.ssim, row.bicubic.psnr,
                row.bicubic.ssim, row.ms);
}

std::string title(const Session &session) {
    return session.model.name + ", " + std::to_string(session.upscaler.widths().back()) + " channels, " +
           slimscale_target(session.upscaler.handle()) + ", " + std::to_string(session.upscaler.threads()) + " threads";
}

void print_table(const Session &session, const std::vector<Row> &rows) {
    std::printf("%s: luma, border of %d pixels left out\n", title(session).c_str(), session.model.scale);
    std::printf("%-28s %8s %8s %8s %8s %10s\n", "", "PSNR dB", "SSIM", "bicubic", "SSIM", "ms");
    for (const Row &row : rows)
        print_row(row);
    if (rows.size() > 1)
        print_row(mean(rows));
}

nlohmann::ordered_json to_json(const Row &row) {
    return {{"image", row.image},
            {"psnr", row.ours.psnr},
            {"ssim", row.ours.ssim},
            {"bicubic_psnr", row.bicubic.psnr},
            {"bicubic_ssim", row.bicubic.ssim},
            {"ms", row.ms}};
}

void print_json(const Session &session, const std::vector<Row> &rows) {
    nlohmann::ordered_json all = {{"model", session.model.name},
                                  {"scale", session.model.scale},
                                  {"channels", session.upscaler.widths().back()},
                                  {"target", slimscale_target(session.upscaler.handle())},
                                  {"threads", session.upscaler.threads()},
                                  {"images", nlohmann::ordered_json::array()}};
    for (const Row &row : rows)
        all["images"].push_back(to_json(row));
    if (!rows.empty())
        all["mean"] = to_json(mean(rows));
    std::printf("%s\n", all.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace).c_str());
}

std::string prepare_save(const std::string &folder, const std::vector<std::string> &images) {
    std::string error = check_save(folder, images);
    std::error_code code;
    if (error.empty() && !fs::create_directories(folder, code) && code)
        error = folder + ": the folder cannot be made: " + code.message();
    return error;
}

// Rows of the images that could be evaluated; the others are reported.
std::vector<Row> evaluate_all(Session &session, const EvaluateOptions &options,
                              const std::vector<std::string> &images) {
    std::vector<Row> rows;
    Progress progress(images.size());
    for (size_t i = 0; i < images.size(); i++) {
        progress.show(i, images[i]);
        Row row{images[i], {}, {}, 0};
        std::string error;
        try {
            error = evaluate(session, options, row);
        } catch (const std::bad_alloc &) {
            error = "not enough memory for an image of this size";
        }
        progress.clear();
        if (error.empty())
            rows.push_back(row);
        else
            complain(images[i], error);
    }
    return rows;
}

}  // namespace

int run_evaluate(const EvaluateOptions &options) {
    std::vector<std::string> images;
    std::string error = images::list_images(options.images, images);
    if (error.empty() && !options.save.empty())
        error = prepare_save(options.save, images);
    if (!error.empty()) {
        complain("", error);
        return kBadUsage;
    }
    Session session;
    error = session.open(options.network, Widths::one);
    if (!error.empty()) {
        complain("", error);
        return kCannotRun;
    }
    const std::vector<Row> rows = evaluate_all(session, options, images);
    if (options.json)
        print_json(session, rows);
    else if (!rows.empty())
        print_table(session, rows);
    return rows.size() == images.size() ? kOk : kImageFailed;
}

}  // namespace slimscale::cli
