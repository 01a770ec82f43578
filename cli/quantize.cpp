// Ranges for the data types q16 and int8, measured on images and written beside the weights (weights/q16.h,
// weights/int8.h).
#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/files.h"
#include "base/numbers.h"
#include "base/text.h"
#include "cli/commands.h"
#include "cli/session.h"
#include "contract/blob_view.h"
#include "extras/images/channels.h"
#include "extras/images/listing.h"
#include "extras/quality/pictures.h"
#include "extras/quality/planes.h"
#include "host/alpha.h"
#include "host/console.h"
#include "host/jobs.h"
#include "weights/model_file.h"
#include "weights/pack.h"

namespace slimscale::cli {

using namespace host;

namespace {

namespace fs = std::filesystem;

const char *const kExtension = ".safetensors";

int failed(ExitCode code, const std::string &sentence) {
    complain("", sentence);
    return code;
}

// Checks the output before anything is measured, since that may take long.
Status check_output(const QuantizeOptions &options) {
    const std::string &path = options.output;
    if (fs::path(path).extension() != kExtension)
        return Error{"--out " + path + ": the file's name must end in " + kExtension};
    if (!options.overwrite && base::same_file(path, options.network.model))
        return Error{path + " is the model's own file; --overwrite replaces it"};
    SLIMSCALE_RETURN_IF_ERROR(host::check_absent(path, options.overwrite));
    std::error_code code;
    const fs::path folder = fs::path(path).parent_path();
    if (!folder.empty() && !fs::is_directory(folder, code))
        return Error{folder.native() + ": no such folder"};
    return Status();
}

// Refuses test images that are also measured, since they say nothing about other images.
Status check_apart(const std::vector<std::string> &images, const std::vector<std::string> &test) {
    for (const std::string &image : test)
        for (const std::string &other : images)
            if (base::same_file(image, other))
                return Error{image + " is among --images and --test; test on other images"};
    return Status();
}

// The file's contents, which are written again with ranges, and the model that it describes.
struct WeightsFile {
    weights::Safetensors file;
    weights::ModelFile model;
};

Status load(const std::string &path, WeightsFile &weights_file) {
    const Result<std::vector<uint8_t>> bytes = base::read_file(path);
    if (!bytes)
        return Error{bytes.error() + " (quantize takes a weights file, " + kExtension + ")"};
    SLIMSCALE_ASSIGN_OR_RETURN(weights::ModelFile model, weights::parse_model(bytes->data(), bytes->size()),
                               path + ": ");
    SLIMSCALE_ASSIGN_OR_RETURN(weights::Safetensors file, weights::parse_safetensors(bytes->data(), bytes->size()),
                               path + ": ");
    weights_file = {std::move(file), std::move(model)};
    return Status();
}

// The best target that runs on the processor in f32, since ranges are measured on no other.
std::string processor_target(const Model &model) {
    for (const Model::Target &target : model.targets)
        if (target.runnable && target.where == slimscale_machine() && slimscale_loss_db(target.name.c_str()) == 0)
            return target.name;
    return "auto";
}

Status open(const QuantizeOptions &options, Session &session) {
    NetworkOptions network = options.network;
    SLIMSCALE_RETURN_IF_ERROR(
        choose_model(compiled_models(), network.model, network.scale, network.allow_untrained, session.model));
    if (session.model.weights.empty())
        return Error{network.model + " is the name of a compiled model; write ./" + network.model + " for the file"};
    if (network.target == "auto")
        network.target = processor_target(session.model);
    return session.open(network, Widths::all);
}

// Reads an image in the two forms that networks get: as it is, and shrunk, which makes every edge sharper.
Status read_frames(const std::string &path, const Model &model, std::vector<quality::Planes> &frames) {
    images::Image image;
    SLIMSCALE_RETURN_IF_ERROR(images::read_image(path, image));
    if (image.width < model.scale || image.height < model.scale)
        return Error{"it is smaller than one pixel once shrunk by " + std::to_string(model.scale)};
    if (!images::fully_opaque(image))
        bleed_colors(image);
    image = quality::as_original(std::move(image), model.scale, model.colors);
    const images::Image small = quality::resized(image, image.width / model.scale, image.height / model.scale);
    frames = {quality::to_planes(image), quality::to_planes(small)};
    return Status();
}

struct Saturation {
    uint64_t beyond = 0, total = 0;
};

class Quantize {
public:
    Quantize(const QuantizeOptions &options, const std::vector<std::string> &images,
             const std::vector<std::string> &test)
        : options_(options), images_(images), test_(test) {}

    int run() {
        Status status = load(options_.network.model, weights_);
        if (status)
            status = open(options_, session_);
        if (!status)
            return failed(kCannotRun, status.error());
        for (const int channels : session_.model.lacking)
            note(std::to_string(channels) +
                 " channels are not compiled in and not measured; run: make generate MODEL=" + options_.network.model);
        status = measure();
        if (status && measured_images_ == 0)
            return failed(kImageFailed, "no image could be measured; nothing is written");
        if (status)
            status = test();
        if (status)
            status = write();
        if (!status)
            return failed(kCannotRun, status.error());
        print();
        return left_out_ == 0 ? kOk : kImageFailed;
    }

private:
    // Calls frame(planes, index of the width) for every image, size and width. An image that cannot be read is left
    // out.
    template <class Frame>
    Status for_each_frame(const std::vector<std::string> &images, int &done, Frame frame) {
        const Progress progress(images.size());
        for (size_t i = 0; i < images.size(); i++) {
            progress.show(i, images[i]);
            std::vector<quality::Planes> frames;
            const Status read = read_frames(images[i], session_.model, frames);
            if (!read) {
                progress.clear();
                complain(images[i], read.error());
                left_out_++;
                continue;
            }
            for (const quality::Planes &planes : frames)
                for (size_t w = 0; w < widths().size(); w++)
                    SLIMSCALE_RETURN_IF_ERROR(frame(planes, w), images[i] + ": ");
            done++;
        }
        return Status();
    }

    Status measure() {
        std::vector<std::vector<float>> measured(widths().size(),
                                                 std::vector<float>(slimscale_range_count(session_.upscaler.handle())));
        std::vector<std::vector<uint64_t>> counts(
            widths().size(), std::vector<uint64_t>(slimscale_bin_count(session_.upscaler.handle())));
        SLIMSCALE_RETURN_IF_ERROR(
            for_each_frame(images_, measured_images_, [&](const quality::Planes &frame, size_t w) {
                const Status status = session_.upscaler.measure_ranges(frame, widths()[w], measured[w]);
                return status ? session_.upscaler.count_values(frame, widths()[w], counts[w]) : status;
            }));
        for (size_t w = 0; w < widths().size(); w++) {
            SLIMSCALE_ASSIGN_OR_RETURN(
                weights::Q16Width width,
                weights::ranges_from(weights_.model.network, widths()[w], measured[w], options_.headroom));
            width.images = measured_images_;
            width.tool = "slimscale " + version();
            weights_.model.q16[widths()[w]] = std::move(width);
            SLIMSCALE_ASSIGN_OR_RETURN(weights::Int8Width bytes,
                                       weights::int8_from(weights_.model.network, widths()[w], counts[w]));
            bytes.images = measured_images_;
            bytes.tool = "slimscale " + version();
            weights_.model.int8[widths()[w]] = std::move(bytes);
        }
        return Status();
    }

    // Tests the ranges as the runtime will get them, after packing.
    Status test() {
        SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<uint8_t> blob, weights::pack(weights_.model));
        BlobView view;
        if (const char *fault = open_blob(blob.data(), blob.size(), &view))
            return Error{fault};
        std::vector<std::vector<float>> ranges;
        for (const int channels : widths()) {
            const float *first = view.q16_ranges(channels);
            ranges.emplace_back(first, first + q16_stride(*view.header));
        }
        std::vector<Saturation> found(widths().size());
        int images = 0;
        SLIMSCALE_RETURN_IF_ERROR(for_each_frame(test_, images, [&](const quality::Planes &frame, size_t w) {
            return session_.upscaler.test_ranges(frame, widths()[w], ranges[w], found[w].beyond, found[w].total);
        }));
        for (size_t w = 0; w < widths().size(); w++) {
            weights::Q16Width &width = weights_.model.q16[widths()[w]];
            width.test_images = images;
            if (found[w].total > 0)
                width.saturation = static_cast<double>(found[w].beyond) / static_cast<double>(found[w].total);
        }
        return Status();
    }

    Status write() {
        weights::put_ranges(weights_.model.q16, weights_.file);
        weights::put_int8(weights_.model.int8, weights_.file);
        return base::write_file(options_.output, weights::serialize_safetensors(weights_.file));
    }

    void print() const {
        std::printf("%s: measured on %d image%s, as they are and shrunk by %d; "
                    "ranges are %s times the largest values\n",
                    base::one_line(options_.output).c_str(), measured_images_, measured_images_ == 1 ? "" : "s",
                    session_.model.scale, base::decimal(options_.headroom, 2).c_str());
        std::printf("%8s %14s %12s %12s   %s\n", "channels", "convolutions", "least range", "largest",
                    "beyond, in tests");
        for (const int channels : widths())
            print_row(channels, weights_.model.q16.at(channels));
        std::printf("int8: ranges of least mean square error\n");
    }

    static void print_row(int channels, const weights::Q16Width &width) {
        float least = 0, most = 0;
        for (const auto &[name, ranges] : width.ranges) {
            const auto [low, high] = std::minmax_element(ranges.begin(), ranges.end());
            least = least > 0 ? std::min(least, *low) : *low;
            most = std::max(most, *high);
        }
        char tested[64] = "not tested";
        if (width.test_images > 0)
            std::snprintf(tested, sizeof tested, "%.2g of the values, %d image%s", width.saturation, width.test_images,
                          width.test_images == 1 ? "" : "s");
        std::printf("%8d %14zu %12.4g %12.4g   %s\n", channels, width.ranges.size(), static_cast<double>(least),
                    static_cast<double>(most), tested);
    }

    const std::vector<int> &widths() const { return session_.upscaler.widths(); }

    const QuantizeOptions &options_;
    const std::vector<std::string> &images_, &test_;
    WeightsFile weights_;
    Session session_;
    int measured_images_ = 0;
    size_t left_out_ = 0;
};

}  // namespace

int run_quantize(const QuantizeOptions &options) {
    std::vector<std::string> images, test;
    Status status = images::list_images(options.images, images);
    if (status)
        status = images::list_images(options.test, test);
    if (status)
        status = check_apart(images, test);
    if (status)
        status = check_output(options);
    if (!status)
        return failed(kBadUsage, status.error());
    return Quantize(options, images, test).run();
}

}  // namespace slimscale::cli
