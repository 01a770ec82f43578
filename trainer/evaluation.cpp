#include "trainer/evaluation.h"

#include <CLI/CLI.hpp>

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>

#include "base/files.h"
#include "base/status.h"
#include "extras/images/listing.h"
#include "extras/quality/evaluate.h"
#include "extras/quality/json.h"
#include "extras/quality/markdown.h"
#include "trainer/cuda.h"
#include "trainer/threads.h"
#include "trainer/validation.h"

namespace slimscale::trainer {
namespace {

Status check_widths(const EvaluationConfig &config, const weights::ModelFile &file) {
    for (const int width : config.widths)
        if (std::find(file.trained_widths.begin(), file.trained_widths.end(), width) == file.trained_widths.end())
            return Error{config.model + " was not trained at " + std::to_string(width) + " channels"};
    return Status();
}

quality::Subject subject_of(const std::string &name, SlimNetwork network, int channels, torch::Device device) {
    quality::Subject subject;
    subject.name.name = name;
    subject.name.engine = "libtorch";
    subject.name.channels = channels;
    subject.name.setting = device.str() + ", " + std::to_string(at::get_num_threads()) + " threads";
    subject.upscale = [network, channels, device](const quality::Planes &small, quality::Planes &large) mutable {
        large = upscale(*network, small, channels, device);
        return Status();
    };
    return subject;
}

}  // namespace

void declare(CLI::App &app, EvaluationConfig *config) {
    app.add_option("--model", config->model, "trained file (.safetensors)")->required();
    app.add_option("--data", config->data, "folders or files of originals (PNG, JPEG)")->required()->delimiter(',');
    app.add_option("--widths", config->widths, "channel counts; default: all trained")->delimiter(',');
    app.add_flag("--self-ensemble", config->self_ensemble, "also the mean over eight orientations");
    app.add_option("--degrade", config->degrade, "what happens to the small images, as in slimscale evaluate");
    app.add_option("--json", config->json, "file to write the scores to");
    app.add_option("--threads", config->threads, "0: as many as this process may use");
    app.add_option("--device", config->device, "cpu or cuda")->check(CLI::IsMember({"cpu", "cuda"}));
}

Outcome run_evaluation(const EvaluationConfig &config) {
    if (!config.degrade.empty())
        if (const auto parsed = quality::parse_degradations(config.degrade); !parsed)
            return {kBadUsage, "--degrade: " + parsed.error()};
    const Result<weights::ModelFile> file = weights::load_model(config.model);
    if (!file)
        return {kBadUsage, file.error()};
    std::vector<std::string> images;
    Status status = images::list_images(config.data, images);
    if (status)
        status = check_widths(config, *file);
    if (!status)
        return {kBadUsage, status.error()};
    use_threads(config.threads);
    if (config.device != "cpu")
        status = load_cuda();
    if (!status)
        return {kBadUsage, status.error()};
    const torch::Device device(config.device);
    SlimNetwork network(file->network);
    if (status = take_over(*network, *file); !status)
        return {kBadUsage, config.model + ": " + status.error()};
    network->to(device);

    const std::string name = std::filesystem::path(config.model).stem().native();
    std::vector<quality::Subject> subjects;
    for (const int width : config.widths.empty() ? file->trained_widths : config.widths)
        subjects.push_back(subject_of(name, network, width, device));
    quality::EvaluationOptions options;
    options.scale = file->network.scale;
    options.colors = file->network.colors;
    options.self_ensemble = config.self_ensemble;
    options.degrade = config.degrade;
    quality::Callbacks callbacks;
    callbacks.left_out = [](const quality::LeftOut &image) {
        std::fprintf(stderr, "slimscale_train: %s: %s\n", image.image.c_str(), image.sentence.c_str());
    };
    const quality::Evaluation evaluation = quality::evaluate(images, subjects, options, callbacks);
    std::fputs(quality::to_markdown(evaluation).c_str(), config.json.empty() ? stderr : stdout);
    const std::string json = quality::to_json(evaluation);
    if (config.json.empty())
        std::fputs(json.c_str(), stdout);
    else if (status = base::write_file(config.json, json); !status)
        return {kFailed, status.error()};
    return {evaluation.left_out.empty() ? kOk : kFailed, ""};
}

}  // namespace slimscale::trainer
