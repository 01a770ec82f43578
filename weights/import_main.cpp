// slimscale_import IN OUT: someone else's checkpoint, as safetensors, becomes a trained file of ours.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "weights/import.h"
#include "weights/metadata.h"

namespace {

using namespace slimscale::weights;

struct Arguments {
    std::string input, output;
    std::string slicing, trained_widths;
    std::vector<double> mean;
    ImportOptions options;
};

void declare(CLI::App &app, Arguments *arguments) {
    ImportOptions &options = arguments->options;
    app.add_option("input", arguments->input, "checkpoint (.safetensors)")->required();
    app.add_option("output", arguments->output, "trained file to write (.safetensors)")->required();
    app.add_option("--network", options.network, "the preset that it must match, or auto")->capture_default_str();
    app.add_option("--name", options.name, "name of the network; default: the matching preset's");
    app.add_option("--scale", options.scale, "2, 3 or 4: which up-sampler of a multi-scale checkpoint");
    app.add_option("--trained", arguments->trained_widths,
                   "widths it was trained at, as channel counts: \"16 32 64\"; default: the full one");
    app.add_option("--slicing", arguments->slicing, "of concatenations at narrow widths: per_segment or leading");
    app.add_option("--res-scale", options.res_scale, "EDSR's residual scale; default: the matching preset's");
    app.add_option("--range", options.range, "value of white inside the network; default: from the mean shift");
    app.add_option("--mean", arguments->mean, "mean that the network subtracts, as shares of white")->expected(3);
    app.add_option("--license", options.license, "licence of the weights");
    app.add_option("--source", options.source, "where the weights come from");
    app.add_option("--notes", options.notes, "free text");
    app.footer("Example:\n  slimscale_import carn_m.safetensors carn_m_x2.safetensors --scale 2 --license MIT");
}

// Moves what has a spelling of its own into arguments->options; "" or an error.
std::string parse(Arguments *arguments) {
    ImportOptions &options = arguments->options;
    const Result<std::vector<int>> widths = parse_widths(arguments->trained_widths);
    if (!widths)
        return "--trained: " + widths.error();
    options.trained_widths = *widths;
    if (!arguments->slicing.empty()) {
        const Result<slimscale::networks::Slicing> slicing = parse_slicing(arguments->slicing);
        if (!slicing)
            return "--slicing: " + slicing.error();
        options.slicing = *slicing;
    }
    if (arguments->mean.size() == 3)
        options.mean = {arguments->mean[0], arguments->mean[1], arguments->mean[2]};
    return "";
}

std::string run(Arguments arguments) {
    if (std::string error = parse(&arguments); !error.empty())
        return error;
    const Result<Safetensors> checkpoint = load_safetensors(arguments.input);
    if (!checkpoint)
        return checkpoint.error();
    const Result<ModelFile> model = import_checkpoint(*checkpoint, arguments.options);
    if (!model)
        return arguments.input + ": " + model.error();
    if (std::string error = save_model(arguments.output, *model); !error.empty())
        return error;
    std::printf("%s: %s x%d, %d channels, trained at %s\n", arguments.output.c_str(), model->network.name.c_str(),
                model->network.scale, model->network.channels, widths_text(model->trained_widths).c_str());
    return "";
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Imports a checkpoint of EDSR-PyTorch, CSD or CARN-pytorch into a trained slimscale file.");
    Arguments arguments;
    declare(app, &arguments);
    CLI11_PARSE(app, argc, argv);
    const std::string error = run(arguments);
    if (!error.empty())
        std::fprintf(stderr, "slimscale_import: %s\n", error.c_str());
    return error.empty() ? 0 : 1;
}
