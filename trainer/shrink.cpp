#include "trainer/shrink.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <map>

#include "base/text.h"
#include "extras/images/image.h"
#include "trainer/pictures.h"

namespace slimscale::trainer {

namespace fs = std::filesystem;

void declare(CLI::App &app, ShrinkConfig *config) {
    app.add_option("--data", config->data, "folders or files of training images (PNG, JPEG)")
        ->required()
        ->delimiter(',');
    app.add_option("--exclude", config->exclude, "images to leave out, by file name without its ending")
        ->delimiter(',');
    app.add_option("--scale", config->scale, "2, 3 or 4")->check(CLI::Range(2, 4))->capture_default_str();
    app.add_option("--colors", config->colors, "3: RGB, 1: luma")->check(CLI::IsMember({1, 3}))->capture_default_str();
    app.add_option("--out", config->out, "folder for the small images")->required();
}

Outcome run_shrink(const ShrinkConfig &config) {
    PictureOptions options;
    options.paths = config.data;
    options.exclude = config.exclude;
    options.scale = config.scale;
    options.colors = config.colors;
    options.memory_gb = 64;
    const Result<Pictures> pictures = load_pictures(options);
    if (!pictures)
        return {kBadUsage, "--data: " + pictures.error()};
    for (const std::string &sentence : pictures->unreadable)
        std::fprintf(stderr, "left out: %s\n", base::one_line(sentence).c_str());
    std::map<std::string, const Pair *> by_name;
    for (const Pair &pair : pictures->pairs) {
        const auto [place, added] = by_name.emplace(fs::path(pair.path).stem().native() + ".png", &pair);
        if (!added)
            return {kBadUsage, pair.path + " and " + place->second->path +
                                   " have one name; rename one, since a teacher's outputs are found by name"};
    }
    std::error_code code;
    fs::create_directories(config.out, code);
    if (code)
        return {kBadUsage, config.out + ": the folder cannot be made: " + code.message()};
    for (const auto &[name, pair] : by_name) {
        const std::string path = (fs::path(config.out) / name).native();
        if (const Status written = images::write_image(path, pair->low, {}); !written)
            return {kFailed, path + ": " + written.error()};
    }
    std::printf("%zu images in %s\n", by_name.size(), config.out.c_str());
    return {};
}

}  // namespace slimscale::trainer
