#include "trainer/pack.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "base/files.h"
#include "base/random.h"
#include "extras/images/image.h"
#include "extras/quality/pictures.h"
#include "trainer/source.h"

namespace slimscale::trainer {
namespace {

namespace fs = std::filesystem;
using images::Image;

struct Crop {
    size_t picture;
    int x, y;
    double detail;
};

// The mean difference of neighbours along x and y.
double detail(const Image &image, int x0, int y0, int side) {
    const size_t channels = static_cast<size_t>(image.channels);
    const auto at = [&](int x, int y) {
        return image.samples.data() + (static_cast<size_t>(y) * image.width + x) * channels;
    };
    int64_t sum = 0;
    for (int y = y0; y + 1 < y0 + side; y++)
        for (int x = x0; x + 1 < x0 + side; x++)
            for (size_t c = 0; c < channels; c++)
                sum += std::abs(at(x, y)[c] - at(x + 1, y)[c]) + std::abs(at(x, y)[c] - at(x, y + 1)[c]);
    return static_cast<double>(sum);
}

std::vector<Crop> crops_of(const std::vector<Pair> &pictures, int side) {
    std::vector<Crop> crops;
    for (size_t i = 0; i < pictures.size(); i++)
        for (int y = 0; y + side <= pictures[i].high.height; y += side)
            for (int x = 0; x + side <= pictures[i].high.width; x += side)
                crops.push_back({i, x, y, detail(pictures[i].high, x, y, side)});
    return crops;
}

// Keeps the more detailed half of the crops, in random order.
void choose(std::vector<Crop> &crops, uint64_t seed) {
    std::stable_sort(crops.begin(), crops.end(), [](const Crop &a, const Crop &b) { return a.detail > b.detail; });
    crops.resize((crops.size() + 1) / 2);
    base::Random(seed, 1, 0).shuffle(crops);
}

std::string name_of(const Pair &picture, const Crop &crop) {
    return fs::path(picture.path).stem().native() + "_" + std::to_string(crop.x) + "_" + std::to_string(crop.y) +
           ".png";
}

}  // namespace

void declare(CLI::App &app, PackConfig *config) {
    declare_source(app, &config->data, &config->exclude);
    app.add_option("--side", config->side, "side of a crop, in pixels")->capture_default_str();
    app.add_option("--megabytes", config->megabytes, "most size of all crops together")->capture_default_str();
    app.add_option("--seed", config->seed, "of the choice")->capture_default_str();
    app.add_option("--out", config->out, "folder for the crops")->required();
}

Outcome run_pack(const PackConfig &config) {
    constexpr double kBytesPerMegabyte = 1e6;
    if (config.side < 48 || config.side % 4 != 0)
        return {kBadUsage, "--side must be a multiple of 4 and at least 48"};
    if (!(config.megabytes > 0))
        return {kBadUsage, "--megabytes must be positive"};
    PictureOptions options;
    options.paths = config.data;
    options.exclude = config.exclude;
    options.scale = 1;
    options.least_side = config.side;
    const Result<Pictures> pictures = load_source(options);
    if (!pictures)
        return {kBadUsage, pictures.error()};
    if (const Status made = make_folder(config.out); !made)
        return {kBadUsage, made.error()};

    std::vector<Crop> crops = crops_of(pictures->pairs, config.side);
    choose(crops, config.seed);
    double bytes = 0;
    int written = 0;
    for (const Crop &crop : crops) {
        const Pair &picture = pictures->pairs[crop.picture];
        std::vector<uint8_t> png;
        const std::string path = (fs::path(config.out) / name_of(picture, crop)).native();
        const Image cut = quality::cropped(picture.high, crop.x, crop.y, config.side, config.side);
        if (const Status encoded = images::encode_image(cut, images::FileFormat::png, {}, png); !encoded)
            return {kFailed, path + ": " + encoded.error()};
        if (bytes + static_cast<double>(png.size()) > config.megabytes * kBytesPerMegabyte)
            break;
        if (const Status saved = base::write_file(path, png); !saved)
            return {kFailed, saved.error()};
        bytes += static_cast<double>(png.size());
        written++;
    }
    if (written == 0)
        return {kBadUsage, "not one crop of " + std::to_string(config.side) + " pixels fits into --megabytes"};
    std::printf("%d crops of %d pixels, %.1f MB, in %s\n", written, config.side, bytes / kBytesPerMegabyte,
                config.out.c_str());
    return {};
}

}  // namespace slimscale::trainer
