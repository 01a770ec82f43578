#include "trainer/shrink.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>
#include <map>

#include "extras/images/image.h"
#include "trainer/source.h"

namespace slimscale::trainer {

namespace fs = std::filesystem;

void declare(CLI::App &app, ShrinkConfig *config) {
    declare_source(app, &config->data, &config->exclude);
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
    const Result<Pictures> pictures = load_source(options);
    if (!pictures)
        return {kBadUsage, pictures.error()};
    std::map<std::string, const Pair *> by_name;
    for (const Pair &pair : pictures->pairs) {
        const auto [place, added] = by_name.emplace(fs::path(pair.path).stem().native() + ".png", &pair);
        if (!added)
            return {kBadUsage, pair.path + " and " + place->second->path +
                                   " have one name; rename one, since a teacher's outputs are found by name"};
    }
    if (const Status made = make_folder(config.out); !made)
        return {kBadUsage, made.error()};
    for (const auto &[name, pair] : by_name) {
        const std::string path = (fs::path(config.out) / name).native();
        if (const Status written = images::write_image(path, pair->low, {}); !written)
            return {kFailed, path + ": " + written.error()};
    }
    std::printf("%zu images in %s\n", by_name.size(), config.out.c_str());
    return {};
}

}  // namespace slimscale::trainer
