// Measures a trained file with LibTorch, to compare with what `slimscale evaluate` finds with the compiled networks.
#pragma once

#include <string>
#include <vector>

#include "trainer/run.h"

namespace CLI {
class App;
}

namespace slimscale::trainer {

struct EvaluationConfig {
    std::string model;              // trained file
    std::vector<std::string> data;  // folders or files of originals
    std::vector<int> widths;        // channel counts; empty: all trained
    bool self_ensemble = false;
    std::string degrade;  // for the small images, as quality::parse_degradations reads it; "": none
    std::string json;     // file to write; "": standard output
    int threads = 0;      // 0: LibTorch's choice
    std::string device = "cpu";
};

void declare(CLI::App &app, EvaluationConfig *config);

// Prints the table as Markdown, writes the scores as JSON (extras/quality/json.h).
Outcome run_evaluation(const EvaluationConfig &config);

}  // namespace slimscale::trainer
