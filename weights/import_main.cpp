// slimscale_import IN OUT: makes a trained file from another program's checkpoint, of torch.save or in safetensors.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>

#include "base/text.h"
#include "weights/import.h"
#include "weights/metadata.h"
#include "weights/torch_file.h"

namespace {

using namespace slimscale;
using namespace slimscale::weights;

struct Arguments {
    std::string input, output;
    std::string slicing, trained_widths;
    std::vector<double> mean;
    ImportOptions options;
};

void declare(CLI::App &app, Arguments *arguments) {
    ImportOptions &options = arguments->options;
    app.add_option("input", arguments->input, "checkpoint (.safetensors, .pth, .pt or .ckpt)")->required();
    app.add_option("output", arguments->output, "trained file to write (.safetensors)")->required();
    app.add_option("--network", options.network, "the preset that it must match, or auto")->capture_default_str();
    app.add_option("--name", options.name,
                   "name of the network; default: the matching preset's, or one made of its size");
    app.add_option("--prefix", options.prefix,
                   "prefix of the names of the network to take, such as params., if the checkpoint holds several");
    app.add_option("--scale", options.scale, "2, 3 or 4: the up-sampler to take of a multi-scale checkpoint");
    app.add_option("--trained", arguments->trained_widths,
                   "widths it was trained at, as channel counts: \"16 32 64\"; default: the full one");
    app.add_option("--slicing", arguments->slicing, "how narrow widths slice concatenations: per_segment or leading");
    app.add_option("--res-scale", options.res_scale, "EDSR's residual scale; default: the matching preset's");
    app.add_option("--range", options.range, "value of white inside the network; default: from the mean shift");
    app.add_option("--mean", arguments->mean, "mean that the network subtracts, as shares of white")->expected(3);
    app.add_option("--license", options.license, "licence of the weights");
    app.add_option("--source", options.source, "where the weights come from");
    app.add_option("--notes", options.notes, "free text");
    app.footer("Example:\n  slimscale_import carn_m.pth carn_m_x2.safetensors --scale 2 --license MIT");
}

// Parses the options that are texts on the command line into arguments->options.
Status parse(Arguments *arguments) {
    ImportOptions &options = arguments->options;
    SLIMSCALE_ASSIGN_OR_RETURN(options.trained_widths, parse_widths(arguments->trained_widths), "--trained: ");
    if (arguments->mean.size() == 3)
        options.mean = {arguments->mean[0], arguments->mean[1], arguments->mean[2]};
    if (arguments->slicing.empty())
        return Status();
    SLIMSCALE_ASSIGN_OR_RETURN(options.slicing, parse_slicing(arguments->slicing), "--slicing: ");
    return Status();
}

// Prints where the network was found and what was left out.
void print(const ImportReport &report) {
    constexpr size_t kMost = 12;
    std::string text = "read as " + report.layout;
    if (!report.prefix.empty())
        text += " under " + base::in_quotes(report.prefix);
    for (const std::string &prefix : report.rejected)
        text += "; not taken: " + base::in_quotes(prefix);
    std::printf("%s\n", text.c_str());
    std::vector<std::string> names;
    for (const std::string &name : report.skipped) {
        const auto holds = [&](const std::string &prefix) { return name.compare(0, prefix.size(), prefix) == 0; };
        if (std::none_of(report.rejected.begin(), report.rejected.end(), holds))
            names.push_back(base::one_line(name));
    }
    if (names.empty())
        return;
    const size_t more = names.size() - std::min(names.size(), kMost);
    names.resize(names.size() - more);
    std::printf("skipped, used by no convolution: %s%s\n", base::joined(names).c_str(),
                more > 0 ? (" and " + std::to_string(more) + " more tensors").c_str() : "");
}

Status run(Arguments arguments) {
    SLIMSCALE_RETURN_IF_ERROR(parse(&arguments));
    SLIMSCALE_ASSIGN_OR_RETURN(const Safetensors checkpoint, load_checkpoint(arguments.input));
    ImportReport report;
    SLIMSCALE_ASSIGN_OR_RETURN(const ModelFile model, import_checkpoint(checkpoint, arguments.options, &report),
                               arguments.input + ": ");
    SLIMSCALE_RETURN_IF_ERROR(save_model(arguments.output, model));
    std::printf("%s: %s x%d, %d channels, trained at %s\n", arguments.output.c_str(), model.network.name.c_str(),
                model.network.scale, model.network.channels, widths_text(model.trained_widths).c_str());
    print(report);
    return Status();
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Imports a checkpoint of EDSR-PyTorch, BasicSR, mmagic, CARN-pytorch, Real-ESRGAN or CSD into a "
                 "trained slimscale file. Nothing in a .pth is run.");
    Arguments arguments;
    declare(app, &arguments);
    CLI11_PARSE(app, argc, argv);
    const Status done = run(arguments);
    if (!done)
        std::fprintf(stderr, "slimscale_import: %s\n", done.error().c_str());
    return done ? 0 : 1;
}
