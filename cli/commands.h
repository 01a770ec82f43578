// The commands' options as the command line gives them, and the functions that run them. Each returns an ExitCode.
#pragma once

#include <string>
#include <vector>

#include "cli/values.h"
#include "extras/images/image.h"
#include "host/upscaler.h"
#include "host/video_frames.h"

namespace slimscale::cli {

enum ExitCode {
    kOk = 0,
    kImageFailed =
        1,          // an image failed, and the others are done; a video, and its whole frames are; or standard output
    kBadUsage = 2,  // unknown option or value, missing input
    kCannotRun = 3  // no such model, width or target; profile or self-test failed
};

// The options of all commands that run a network.
struct NetworkOptions {
    std::string model;          // "": the default; a model's name, a network's name or a weights file
    int scale = 0;              // 0: the model's
    std::vector<Width> widths;  // empty: the widest trained
    std::string target = "auto";
    int device = 0;         // of the machine's GPUs, for targets that run there
    int threads = 0;        // 0: as many as this process may use
    size_t memory_cap = 0;  // bytes; 0: none
    bool allow_untrained = false;
    double loss_db = SLIMSCALE_LOSS_DB;  // of target "auto": the most PSNR that may be lost; 0: f32 alone
};

struct UpscaleOptions {
    NetworkOptions network;
    std::vector<std::string> paths;  // inputs, and last the output: files and folders as in host/jobs.h
    bool has_speed = false;
    double budget_ms = 0;        // per image; 0: no limit
    bool overwrite = false;      // replace files that exist
    bool skip_existing = false;  // skip outputs that exist, without a message
    bool recursive = false;      // also folders in folders
    bool quiet = false;          // no line per image
    std::string compare;         // a page that shows each result beside bicubic's; "": none
    host::Border border = host::Border::automatic;
    images::WriteOptions write;  // with the format of all outputs, if one is given
};
int run_upscale(const UpscaleOptions &options);

struct VideoOptions {
    NetworkOptions network;
    std::string input, output;  // files; "-": standard input and output
    host::StreamOptions stream;
    bool has_speed = false;
    double budget_ms = 0;    // per frame; 0: no limit
    bool overwrite = false;  // replace a file that exists
    bool quiet = false;      // errors only
};
int run_video(const VideoOptions &options);

struct ProfileOptions {
    NetworkOptions network;
    double budget_ms = 0;  // 0: the library's default
};
int run_profile(const ProfileOptions &options);

struct InfoOptions {
    bool json = false;
    bool self_test = false;
};
int run_info(const InfoOptions &options);

struct EvaluateOptions {
    NetworkOptions network;
    bool all_widths = false;          // every trained one
    std::vector<std::string> images;  // files and folders
    bool self_ensemble = false;
    std::string small;                   // folder of small images; "": originals are shrunk
    std::string degrade;                 // what happens to them (extras/quality/degrade.h); "": nothing
    std::string beside;                  // another evaluation's JSON; "": none
    std::string save;                    // folder for the pictures compared; "": none
    std::string markdown, report, json;  // files to write; "": none
    bool print_json = false;             // instead of the table
    bool overwrite = false;              // replace pictures and files that exist
};
int run_evaluate(const EvaluateOptions &options);

// The factor from the largest measured value to the range. Other images have larger values, and a value beyond its
// range is clamped, which shows as a spot, while a range twice as wide costs one bit of sixteen (docs/decisions/0066).
constexpr double kHeadroom = 2;

struct QuantizeOptions {
    NetworkOptions network;                 // its model is a weights file; no width named: every compiled, trained one
    std::vector<std::string> images, test;  // files and folders
    std::string output;                     // .safetensors
    double headroom = kHeadroom;            // ranges are the largest values measured times this
    bool overwrite = false;                 // replace the output, even if it is the model's own file
};
int run_quantize(const QuantizeOptions &options);

}  // namespace slimscale::cli
