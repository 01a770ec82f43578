// slimscale_train: trains slimmable networks. What it does is in run.h, ablation.h and evaluation.h; this file only
// reads options.
#include <CLI/CLI.hpp>

#include <cstdio>

#include "trainer/ablation.h"
#include "trainer/compact.h"
#include "trainer/evaluation.h"
#include "trainer/pack.h"
#include "trainer/run.h"
#include "trainer/shrink.h"

namespace {

using namespace slimscale;
using namespace slimscale::trainer;

const char *const kFooter = R"(
Examples:
  slimscale_train --network edsr_small --scale 2 --widths 16,32,64 --data photos/ --validate Set5/ --out runs/edsr
  slimscale_train --config runs/edsr/options.toml --resume
  slimscale_train --preset paper --backbone vgg19.safetensors --data DIV2K/ --out runs/paper

Exit codes: 0 all went well, 1 the run could not go on (the last checkpoint stands), 2 options, data or files that
            cannot be used, 3 stopped by Ctrl-C or SIGTERM (saved first).)";

int complain(const std::string &sentence, int code) {
    std::fprintf(stderr, "slimscale_train: %s\n", sentence.c_str());
    return code;
}

int report(const Outcome &outcome) {
    return outcome.sentence.empty() ? outcome.code : complain(outcome.sentence, outcome.code);
}

int run(int argc, char **argv) {
    CLI::App app("Trains one network at several widths into one file.", "slimscale_train");
    app.footer(kFooter);
    Config config;
    declare(app, &config);
    AblationOptions ablation;
    CLI::App *ablate = app.add_subcommand(
        "ablation", "Compare the narrow of two widths: alone, joint, with contrast, with its own affine");
    ablate->fallthrough();
    ablate->add_option("--seeds", ablation.seeds, "seeds; each run is repeated with every one")->delimiter(',');
    std::string from, to;
    CLI::App *compact = app.add_subcommand("compact", "Copy a checkpoint with moments in bf16, for handing a run on");
    compact->add_option("checkpoint", from)->required();
    compact->add_option("output", to)->required();
    PackConfig pack;
    CLI::App *packing =
        app.add_subcommand("pack", "Write the most detailed crops of training pictures, up to a number of megabytes");
    declare(*packing, &pack);
    ShrinkConfig shrink;
    CLI::App *shrinking = app.add_subcommand(
        "shrink", "Write the small images that a run trains on, for another network to enlarge (--teacher-images)");
    declare(*shrinking, &shrink);
    EvaluationConfig evaluation;
    CLI::App *evaluate = app.add_subcommand(
        "evaluate", "Measure a trained file with LibTorch on a folder of originals, as slimscale evaluate does");
    declare(*evaluate, &evaluation);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        if (error.get_exit_code() == 0)
            return app.exit(error);  // --help
        return complain(std::string(error.what()) + " (slimscale_train --help)", kBadUsage);
    }
    if (packing->parsed())
        return report(run_pack(pack));
    if (shrinking->parsed())
        return report(run_shrink(shrink));
    if (evaluate->parsed())
        return report(run_evaluation(evaluation));
    if (compact->parsed()) {
        const Status copied = compact_checkpoint(from, to);
        return report({copied ? kOk : kBadUsage, copied.error()});
    }
    if (const Status completed = complete(&config); !completed)
        return complain(completed.error(), kBadUsage);
    return report(ablate->parsed() ? run_ablation(config, ablation) : train(config));
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
