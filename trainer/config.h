// Every hyperparameter of a training run in one struct. They are declared once, as options of the command line and of a
// config file (CLI11's TOML), printed at the start, and stored in checkpoints and in the trained file's notes.
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
// The images that the contrast pushes outputs away from (contrast/contrast.h).
enum class Negatives { others, paper, flipped };
// The values of an image that the backbone sees.
enum class FeatureRange {
    imagenet,  // as it was trained: VGG16 and VGG19 (x - mean) / std, pruned VGG19 0..1
    unit,      // 0..1
    bytes,     // 0..255, as the CSD authors have it
};

struct ContrastConfig {
    double lambda = 0;     // weight of the contrast; the paper has 200; 0: none
    std::string backbone;  // VGG19, VGG16 or a pruned VGG19 (safetensors)
    Negatives negatives = Negatives::others;
    int count = 10;  // negatives per image; fewer if the batch has fewer
    int every = 1;   // the contrast is computed once in so many steps
    int crop = 0;    // side of a square at a random place, in high-resolution pixels; 0: the whole patch
    int images = 0;  // anchors: so many images from the batch's start; 0: all
    FeatureRange range = FeatureRange::imagenet;
};

struct Config {
    // Network
    std::string network = "edsr_small";  // preset
    std::string name;                    // in the trained file; default: the preset's
    int scale = 2;
    int colors = 3;
    int channels = 0;              // of the widest network; 0: the preset's
    int blocks = 0;                // 0: the preset's
    std::vector<int> widths;       // channel counts to train; empty: the full one
    bool input_skip = true;        // the input, enlarged by repetition, is added to the output
    bool feature_residual = true;  // compact: networks::Network::feature_residual
    int expansion = 0;             // as in SlimNetworkImpl; 0: none
    bool leading_slices = false;   // CARN at narrow widths as the CSD authors slice it
    bool own_affine = false;       // every width has an output scale and bias per channel of its own

    // Start
    std::string init;  // trained file whose leading channels are taken over
    Init init_style = Init::random;
    int freeze = 0;  // the width, in channels, that keeps its values while wider ones are trained; 0: none
    uint64_t seed = 1;

    // Data
    std::vector<std::string> data;     // folders or files
    std::vector<std::string> exclude;  // file names (stems) to leave out
    std::string teacher_images;        // folder of a stronger network's outputs for the images; "": none
    double teacher_share = 0.5;        // their share in the loss; the originals have the rest
    std::string degrade;               // degradations of the low-resolution side (parse_degradations); "": none
    int patch = 96;                    // side in high-resolution pixels
    int batch = 16;                    // patches per step and process
    double memory_gb = 8;              // most memory for decoded images, GB

    // Steps
    int steps = 10000;
    OptimizerKind optimizer = OptimizerKind::adam;
    double learning_rate = 1e-4;
    Decay decay = Decay::cosine;
    double decay_to = 0.01;     // cosine: share of the rate at the end
    int decay_every = 200000;   // step: steps between two reductions
    double decay_factor = 0.5;  // step: factor of each reduction
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
    double minutes = 0;      // time of training in this process, after which it saves and ends; 0: no limit
    int loader_threads = 1;

    // Output
    std::string out;  // folder
    bool resume = false;
    bool fresh = false;  // start over even if there is a checkpoint
    int checkpoint_every = 500;
    int log_every = 20;
    std::vector<std::string> validate;  // folders or files
    int validate_every = 1000;
    int validate_images = 8;  // most images, the first ones of `validate`
    std::string license, source;
    bool quiet = false;
};

// Adds all options to `app`, with the defaults above. `--preset paper` overrides defaults, and explicit options
// override both.
void declare(CLI::App &app, Config *config);

// All options as the text of a config file that --config reads.
std::string options_text(const Config &config);

// The network that the options describe. Fails by check_network or check_width: see config_error.
networks::Network network_of(const Config &config);

// Fills in what depends on other options, and sorts the widths. The error is the first fault, with what to do.
Status complete(Config *config);

}  // namespace slimscale::trainer
