#include "tests/trainer/training_folder.h"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "extras/images/image.h"

namespace slimscale::trainer_tests {

namespace fs = std::filesystem;

void write_pictures(const std::string &folder, int count, int width, int height) {
    fs::create_directories(folder);
    for (int i = 0; i < count; i++) {
        images::Image image{width, height, 3, 8, {}, {}};
        image.allocate();
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++) {
                    const double wave = std::sin(0.2 * (i + 1) * x + c) * std::cos(0.15 * (i + 2) * y - c);
                    image.samples[(static_cast<size_t>(y) * width + x) * 3 + c] =
                        static_cast<uint8_t>(std::lround(128 + 100 * wave));
                }
        const std::string error =
            images::write_image(folder + "/wave" + std::to_string(i) + ".png", image, images::WriteOptions{}).error();
        if (!error.empty())
            throw std::runtime_error(error);
    }
}

trainer::Config tiny_config(const Scratch &scratch, const std::string &out) {
    const std::string folder = scratch / "images";
    if (!fs::exists(folder))
        write_pictures(folder, 3, 40, 36);
    trainer::Config config;
    config.channels = 16;
    config.blocks = 2;
    config.widths = {8, 16};
    config.data = {folder};
    config.patch = 16;
    config.batch = 4;
    config.steps = 6;
    config.learning_rate = 1e-3;
    config.ema = 0.9;
    config.threads = 1;
    config.checkpoint_every = 2;
    config.log_every = 2;
    config.validate = {folder};
    config.validate_every = 3;
    config.out = scratch / out;
    config.quiet = true;
    return config;
}

std::string read_text(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

}  // namespace slimscale::trainer_tests
