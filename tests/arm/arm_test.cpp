#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "tests/catch.h"
#include "tests/reference/random.h"
#include "tests/scratch.h"
#include "weights/model_file.h"
#include "weights/reference_weights.h"

using namespace slimscale;

namespace {

std::vector<std::string> network_names() {
    std::istringstream list(SLIMSCALE_ARM_NETWORKS);
    return {std::istream_iterator<std::string>(list), {}};
}

std::string quoted(const std::string &text) {
    return "'" + text + "'";
}

// The ARM program's output for `image`, run by qemu.
reference::Volume run(const std::string &name, int scale, int width, int bands, int threads,
                      const reference::Volume &image) {
    const Scratch scratch;
    const std::string in = scratch / "in", out = scratch / "out";
    const std::vector<float> samples(image.data.begin(), image.data.end());
    std::ofstream(in, std::ios::binary)
        .write(reinterpret_cast<const char *>(samples.data()),
               static_cast<std::streamsize>(samples.size() * sizeof(float)));
    std::ostringstream command;
    command << quoted(SLIMSCALE_QEMU_ARM) << " -L /usr/aarch64-linux-gnu " << ' '
            << quoted(SLIMSCALE_ARM_PROGRAMS "/" + name) << ' ' << image.width << ' ' << image.height << ' ' << width
            << ' ' << bands << ' ' << threads << " < " << quoted(in) << " > " << quoted(out) << " 2> "
            << quoted(out + ".log");
    REQUIRE(std::system(command.str().c_str()) == 0);
    std::string target;
    std::ifstream(out + ".log") >> target;
    CHECK(target == "neon");
    reference::Volume result(image.channels, image.height * scale, image.width * scale);
    std::vector<float> grown(result.data.size());
    std::ifstream file(out, std::ios::binary);
    file.read(reinterpret_cast<char *>(grown.data()), static_cast<std::streamsize>(grown.size() * sizeof(float)));
    REQUIRE(file.gcount() == static_cast<std::streamsize>(grown.size() * sizeof(float)));
    result.data.assign(grown.begin(), grown.end());
    return result;
}

struct Loaded {
    networks::Network network;
    reference::Weights weights;
};

Loaded load(const std::string &name) {
    auto file = weights::load_model(std::string(SLIMSCALE_SOURCE_DIR "/tests/golden/data/") + name + ".safetensors");
    REQUIRE(file);
    return {file->network, weights::reference_weights(*file)};
}

constexpr double kTolerance = 0.01;  // on the 0..255 scale, as on every target

}  // namespace

TEST_CASE("networks compiled for NEON agree with plain loops, and bands with whole frames to the byte") {
    if (network_names().empty()) {
        std::puts("[SKIP] no ARM cross compiler or no qemu: apt-get install g++-aarch64-linux-gnu qemu-user");
        return;
    }
    for (const std::string &name : network_names()) {
        const Loaded m = load(name);
        for (int width : networks::widths(m.network))
            for (const auto &[w, h] : {std::pair{1, 1}, {13, 9}, {37, 18}}) {
                const auto image = reference::random_image(m.network.colors, h, w, 7);
                INFO(name << " at " << width << " channels, " << w << " x " << h);
                const auto whole = run(name, m.network.scale, width, -1, 1, image);
                CHECK(255 * reference::max_difference(reference::upscale(m.network, width, m.weights, image), whole) <=
                      kTolerance);
                CHECK(whole.data == run(name, m.network.scale, width, 4, 2, image).data);
            }
    }
}
