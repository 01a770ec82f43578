// Every hyperparameter of a training run, in one struct: declared once as options of the command line and of a config
// file (CLI11's TOML), printed at the start, stored in checkpoints and in the trained file's notes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/status.h"
#include "networks/networks.h"

namespace CLI {
class App;
}

namespace slimscale::trainer {

enum class Init { random, nested };  // slim_network.h
enum class Decay { constant, cosine, step };
enum class Loss { l1, charbonnier, l2 };
enum class OptimizerKind { adam, sgd };
enum class Precision { f32, bf16 };
// What the contrast pushes away from (contrast/contrast.h).
enum class Negatives { others, paper, flipped };
// What the backbone sees of an image.
enum class FeatureRange {
    imagenet,  // as it was trained: VGG16 and VGG19 (x - mean) / std, pruned VGG19 0..1
    unit,      // 0..1
    bytes,     // 0..255, as the CSD authors have it
};

struct ContrastConfig {
    double lambda = 0;     // weight of the contrast; the paper: 200; 0: none
    std::string backbone;  // VGG19, VGG16 or a pruned VGG19 (safetensors)
    Negatives negatives = Negatives::others;
    int count = 10;  // negatives an image; fewer where the batch has fewer
    int every = 1;   // steps
    int crop = 0;    // high-resolution pixels a side, at a random place; 0: the whole patch
    int images = 0;  // of the batch, from its start, as anchors; 0: all
    FeatureRange range = FeatureRange::imagenet;
};

struct Config {
    // Network
    std::string network = "edsr_small";  // preset
    std::string name;                    // in the trained file; default: the preset's
    int scale = 2;
    int colors = 3;
    int channels = 0;              // at width 1.0; 0: the preset's
    int blocks = 0;                // 0: the preset's
    std::vector<int> widths;       // channel counts to train; empty: the full one
    bool input_skip = true;        // the input, enlarged by repetition, is added to the output
    bool feature_residual = true;  // compact: networks::Network::feature_residual
    int expansion = 0;             // SlimNetworkImpl's
    bool leading_slices = false;   // CARN at narrow widths as the CSD authors slice it
    bool own_affine = false;       // every width has an output scale and bias per channel of its own

    // Start
    std::string init;  // trained file whose leading channels are taken over
    Init init_style = Init::random;
    int freeze = 0;  // channels: what this width reads keeps its values, and only wider widths are trained; 0: none
    uint64_t seed = 1;

    // Data
    std::vector<std::string> data;     // folders or files
    std::vector<std::string> exclude;  // file names (stems) to leave out
    std::string degrade;               // of the low-resolution side: quality::parse_degradations; "": none
    int patch = 96;                    // high-resolution pixels a side
    int batch = 16;                    // patches a step and process
    double memory_gb = 8;              // for decoded images

    // Steps
    int steps = 10000;
    OptimizerKind optimizer = OptimizerKind::adam;
    double learning_rate = 1e-4;
    Decay decay = Decay::cosine;
    double decay_to = 0.01;     // cosine: share of the rate at the end
    int decay_every = 200000;   // step: steps between two reductions
    double decay_factor = 0.5;  // step: each multiplies by this
    int warmup = 0;             // steps of linear growth, at the start and whenever a width joins
    double momentum = 0;        // SGD
    double beta2 = 0.999;       // Adam
    double clip = 0;            // largest norm of the gradient (values 0..255); 0: no limit
    double ema = 0;             // decay of the averaged weights; 0: none
    std::vector<int> grow;      // steps at which the next wider width joins, narrowest first; empty: all at once
    int widths_per_step = 3;    // sandwich: widest, narrowest and others at random; 0: all
    Loss loss = Loss::l1;
    double l2_share = 0;                // share of the last steps whose loss is l2
    double lambda_teacher = 1;          // weight of the widest's loss
    double lambda_distill = 0;          // weight of the loss between a narrower width's output and the widest's
    std::vector<double> width_weights;  // of the losses, in the order of `widths`; empty: 1 each
    ContrastConfig contrast;

    // Machine
    std::string device = "cpu";  // or "cuda"
    Precision precision = Precision::f32;
    double f32_share = 0.1;  // bf16: share of the last steps that run in f32
    int threads = 0;         // 0: LibTorch's choice
    double minutes = 0;      // of training in this process, then it saves and ends; 0: no limit
    int loader_threads = 1;

    // Output
    std::string out;  // folder
    bool resume = false;
    bool fresh = false;  // start over where there is a checkpoint
    int checkpoint_every = 500;
    int log_every = 20;
    std::vector<std::string> validate;  // folders or files
    int validate_every = 1000;
    int validate_images = 8;  // of them, the first
    std::string license, source;
    bool quiet = false;
};

// Adds all options to `app`; their defaults are those above. `--preset paper` and explicit options override them.
void declare(CLI::App &app, Config *config);

// All options as a config file that --config reads.
std::string options_text(const Config &config);

// The network that the options describe. Fails by check_network or check_width: see config_error.
networks::Network network_of(const Config &config);

// Fills in what depends on other options (widths, threads), sorts the widths. The error is the first fault, with what
// to do.
Status complete(Config *config);

}  // namespace slimscale::trainer
