// Writes files for the fuzz targets to begin with, by the writers of this repository. They are sound, so that a copy
// with one changed byte gets far.
//
// usage: make_fuzz_seeds FOLDER      writes FOLDER/<target>/<name>
#include <cstdio>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include "base/files.h"
#include "contract/blob_format.h"
#include "slimscale/slimscale.h"
#include "tests/extras/images/make_images.h"
#include "weights/model_file.h"
#include "weights/pack.h"
#include "weights/q16.h"

using namespace slimscale;
using Bytes = std::vector<uint8_t>;

namespace {

class Seeds {
public:
    explicit Seeds(std::string folder) : folder_(std::move(folder)) {}

    void add(const std::string &target, const std::string &name, const Bytes &bytes) {
        std::filesystem::create_directories(folder_ + "/" + target);
        if (const Status written = base::write_file(folder_ + "/" + target + "/" + name, bytes); !written) {
            std::fprintf(stderr, "%s\n", written.error().c_str());
            sound = false;
        }
    }
    void add(const std::string &target, const std::string &name, const std::string &text) {
        add(target, name, Bytes(text.begin(), text.end()));
    }
    void copy(const std::string &target, const std::string &path) {
        const Result<Bytes> bytes = base::read_file(SLIMSCALE_SOURCE_DIR "/" + path);
        sound = sound && bytes.ok();
        if (bytes)
            add(target, std::filesystem::path(path).filename().string(), *bytes);
    }
    template <class T>
    void add(const std::string &target, const std::string &name, const Result<T> &bytes) {
        sound = sound && bytes.ok();
        if (bytes)
            add(target, name, *bytes);
    }

    bool sound = true;

private:
    std::string folder_;
};

// A safetensors file: the header's length, the header, and `data_bytes` bytes of data.
std::string safetensors(const std::string &header, size_t data_bytes) {
    std::string bytes(8, '\0');
    bytes[0] = static_cast<char>(header.size());
    return bytes + header + std::string(data_bytes, '\1');
}

// Adds files and blobs of small networks, among them those that the targets' compiled networks read. One is calibrated.
void add_weights(Seeds &seeds) {
    using namespace weights;
    for (const char *name : {"golden_compact_x1", "golden_edsr_skip_x1", "golden_carn_x4", "golden_rcan_x2"}) {
        const std::string file = std::string("tests/golden/data/") + name + ".safetensors";
        seeds.copy("weights", file);
        if (const auto model = load_model(SLIMSCALE_SOURCE_DIR "/" + file))
            seeds.add("blob", name, pack(*model, model->trained_widths));
    }
    if (auto model = load_model(SLIMSCALE_SOURCE_DIR "/tests/golden/data/golden_edsr_skip_x1.safetensors")) {
        Q16Width &calibrated = model->q16[model->network.channels];
        calibrated.images = 1;
        calibrated.tool = "slimscale";
        for (const auto &[name, tensor] : model->tensors)
            if (name.rfind("body.", 0) == 0 && tensor.shape.size() == 4)
                calibrated.ranges[name.substr(0, name.rfind('.'))].assign(kQ16Elements, 2.0f);
        seeds.add("weights", "q16.safetensors", serialize_model(*model));
        seeds.add("blob", "q16", pack(*model));
    }
    seeds.add("weights", "halves.safetensors",
              safetensors(R"({"a":{"dtype":"F16","shape":[2,3],"data_offsets":[0,12]}})", 12));
    for (const char *name : {"legacy.pth", "protocol_5.pth", "zip.pth"})
        seeds.copy("torch", std::string("tests/weights/data/") + name);
}

void add_profiles(Seeds &seeds) {
    slimscale_profile profile{};
    profile.size = sizeof profile;
    profile.version = SLIMSCALE_PROFILE_VERSION;
    profile.cost_count = 2;
    std::snprintf(profile.model, sizeof profile.model, "edsr_small_x2");
    std::snprintf(profile.machine, sizeof profile.machine, "A machine (with 2 cores)");
    profile.costs[0] = {16, 2, "avx2", 12000, 34.5};
    profile.costs[1] = {64, 2, "avx2", 20000, 345.625};
    std::string text(slimscale_profile_to_text(&profile, nullptr, 0), '\0');
    slimscale_profile_to_text(&profile, &text[0], text.size());
    text.pop_back();
    seeds.add("profile", "text", text);
    const auto *raw = reinterpret_cast<const uint8_t *>(&profile);
    seeds.add("profile", "struct", Bytes(raw, raw + sizeof profile));
}

void add_images(Seeds &seeds) {
    using namespace images;
    for (const int type : {0, 2, 3, 4, 6})
        for (const int bits : {1, 8, 16}) {
            if ((bits == 1 && type != 0 && type != 3) || (bits == 16 && type == 3))
                continue;
            PngSpec spec;
            spec.color_type = type;
            spec.bit_depth = bits;
            spec.interlaced = bits == 8;
            spec.transparency = type < 4;
            spec.chunks = {{{'e', 'X', 'I', 'f'}, make_full_exif(6, true, 7, 5)},
                           {{'p', 'H', 'Y', 's'}, {0, 0, 11, 19, 0, 0, 11, 19, 1}},
                           {{'g', 'A', 'M', 'A'}, {0, 0, 0xb1, 0x8f}}};
            seeds.add("png", std::to_string(type) + "_" + std::to_string(bits) + ".png", make_png(spec).bytes);
        }
    JpegSpec spec;
    spec.exif = make_full_exif(6, false, 17, 9);
    spec.icc = Bytes(200, 7);
    spec.density_unit = 1;
    spec.density = 72;
    seeds.add("jpeg", "color.jpg", make_jpeg(smooth_image(17, 9, 3), spec));
    spec.progressive = true;
    seeds.add("jpeg", "progressive.jpg", make_jpeg(smooth_image(17, 9, 3), spec));
    spec = {};
    spec.interleaved = false;
    spec.restart_rows = 1;
    seeds.add("jpeg", "scans.jpg", make_jpeg(smooth_image(17, 20, 3), spec));
    seeds.add("jpeg", "gray.jpg", make_jpeg(smooth_image(9, 17, 1), {}));
    spec = {};
    spec.cmyk = true;
    seeds.add("jpeg", "cmyk.jpg", make_jpeg(smooth_image(9, 9, 3), spec));
}

void add_videos(Seeds &seeds) {
    const std::string frame = "FRAME\n" + std::string(6 * 4 * 3 / 2, 'x');
    seeds.add("y4m", "420",
              std::string(1, '\0') + "YUV4MPEG2 W6 H4 F25:1 Ip A1:1 C420mpeg2 XYSCSS=420MPEG2 XCOLORRANGE=LIMITED\n" +
                  frame + frame);
    seeds.add("y4m", "444p10",
              std::string(1, '\1') + "YUV4MPEG2 W3 H5 F30000:1001 Im C444p10 XYSCSS=444P10\nFRAME Ipp\n" +
                  std::string(3 * 5 * 3 * 2, 'y'));
    seeds.add("y4m", "mono", std::string(1, '\0') + "YUV4MPEG2 W3 H3 Cmono\nFRAME\n123456789");
    seeds.add("y4m", "raw", std::string(1, static_cast<char>(64 + 36)) + std::string(200, 'z'));
}

// Adds random bytes, which the target turns into calls.
void add_calls(Seeds &seeds) {
    for (uint32_t seed = 0; seed < 48; seed++) {
        std::mt19937 random(seed);
        Bytes bytes(60 + seed * 8);
        for (uint8_t &byte : bytes)
            byte = static_cast<uint8_t>(random() >> 8);
        seeds.add("api", std::to_string(seed), bytes);
    }
}

}  // namespace

int main(int count, char **arguments) {
    if (count != 2)
        return 2;
    Seeds seeds(arguments[1]);
    add_weights(seeds);
    add_profiles(seeds);
    add_images(seeds);
    add_videos(seeds);
    add_calls(seeds);
    if (!seeds.sound)
        std::fprintf(stderr, "a seed could not be made\n");
    return seeds.sound ? 0 : 1;
}
