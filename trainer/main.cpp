// slimscale_train: trains slimmable networks. What it does is in run.h; this file only reads options.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "trainer/run.h"

namespace {

using namespace slimscale::trainer;

int complain(const std::string &sentence, int code) {
    std::fprintf(stderr, "slimscale_train: %s\n", sentence.c_str());
    return code;
}

int run(int argc, char **argv) {
    CLI::App app("Trains one network at several widths into one file.", "slimscale_train");
    Config config;
    declare(app, &config);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        if (error.get_exit_code() == 0)
            return app.exit(error);  // --help
        return complain(std::string(error.what()) + " (slimscale_train --help)", kBadUsage);
    }
    if (std::string error = complete(&config); !error.empty())
        return complain(error, kBadUsage);
    const Outcome outcome = train(config);
    return outcome.sentence.empty() ? outcome.code : complain(outcome.sentence, outcome.code);
}

}  // namespace

int main(int argc, char **argv) {
    try {
        return run(argc, argv);
    } catch (const std::bad_alloc &) {
        return complain("not enough memory", kFailed);
    } catch (const std::exception &error) {  // LibTorch's
        return complain(error.what(), kFailed);
    }
}
