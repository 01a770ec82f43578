// slimscale_pack IN.safetensors OUT.blob: packs a trained file for slimscale_options.weights or for linking into an
// archive.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "base/files.h"
#include "base/status.h"
#include "weights/model_file.h"
#include "weights/pack.h"

namespace {

slimscale::Status run(const std::string &input, const std::string &output) {
    using namespace slimscale;
    SLIMSCALE_ASSIGN_OR_RETURN(const weights::ModelFile model, weights::load_model(input));
    SLIMSCALE_ASSIGN_OR_RETURN(const std::vector<uint8_t> blob, weights::pack(model, model.trained_widths),
                               input + ": ");
    SLIMSCALE_RETURN_IF_ERROR(base::write_file(output, blob));
    std::printf("%s: %s x%d, %d channels, %zu bytes\n", output.c_str(), model.network.name.c_str(), model.network.scale,
                model.network.channels, blob.size());
    return Status();
}

}  // namespace

int main(int argc, char **argv) {
    CLI::App app("Packs a trained slimscale file into the blob that the runtime opens.");
    std::string input, output;
    app.add_option("input", input, "trained file (.safetensors)")->required();
    app.add_option("output", output, "packed file to write")->required();
    CLI11_PARSE(app, argc, argv);
    const slimscale::Status done = run(input, output);
    if (!done)
        std::fprintf(stderr, "slimscale_pack: %s\n", done.error().c_str());
    return done ? 0 : 1;
}
