// slimscale_pack IN.safetensors OUT.blob: packs a trained file for slimscale_options.weights or for linking into an
// archive.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "weights/base_names.h"
#include "weights/model_file.h"
#include "weights/pack.h"

namespace {

std::string run(const std::string &input, const std::string &output) {
    using namespace slimscale::weights;
    const Result<ModelFile> model = load_model(input);
    if (!model)
        return model.error();
    const Result<std::vector<uint8_t>> blob = pack(*model);
    if (!blob)
        return input + ": " + blob.error();
    if (std::string error = write_file(output, *blob); !error.empty())
        return error;
    std::printf("%s: %s x%d, %d channels, %zu bytes\n", output.c_str(), model->network.name.c_str(),
                model->network.scale, model->network.channels, blob->size());
    return "";
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Packs a trained slimscale file into the blob that the runtime opens.");
    std::string input, output;
    app.add_option("input", input, "trained file (.safetensors)")->required();
    app.add_option("output", output, "packed file to write")->required();
    CLI11_PARSE(app, argc, argv);
    const std::string error = run(input, output);
    if (!error.empty())
        std::fprintf(stderr, "slimscale_pack: %s\n", error.c_str());
    return error.empty() ? 0 : 1;
}
