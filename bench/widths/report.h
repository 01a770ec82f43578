// The results of a run of bench_widths, and the figures that follow from them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace slimscale::bench {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// One width on one target at one size. Times are milliseconds of slimscale_run: load, network and store.
struct Row {
    std::string model, network;  // "edsr_small_x2", "edsr_small"
    int scale = 0;
    int channels = 0, full_channels = 0;
    std::string input;  // "426x240"
    std::string target, device;
    int threads = 0;

    double open_ms = 0, first_ms = 0;  // of a fresh handle: slimscale_open, and slimscale_plan with the first frame
    double p50_ms = 0, p99_ms = 0, worst_ms = 0;
    int frames = 0;  // how many were timed

    double gflop = 0;            // of a frame, in the direct form; a multiplication and an addition are two
    double winograd_gflop = 0;   // the part in 3x3 convolutions between features, which Winograd's F(4x4, 3x3) or tiles
                                 // compute
    double pointwise_gflop = 0;  // the part in 1x1 convolutions; for winograd_share, not in the JSON
    double collapsed_gflop = 0;  // the part that a collapsed tail saves; for winograd_share, not in the JSON

    size_t workspace_bytes = 0, weights_bytes = 0;  // slimscale_plan_describe, this width opened alone
    size_t resident_bytes = 0;                      // peak of a process that does this row only; 0: not asked
    size_t code_bytes = 0;                          // of the target's pipelines, all widths; 0: unknown
    double psnr = kUnknown;                         // dB, luma, mean over the images

    // derive() fills these.
    double frames_per_second = kUnknown, effective_gflops = kUnknown;
    double peak_share = kUnknown, winograd_share = kUnknown;
    double speedup = kUnknown;            // against the widest row of its model, target and input
    double speedup_per_flops = kUnknown;  // 1: the speedup is the ratio of operations

    double old_over_new = kUnknown;  // compare.h
};

struct Peak {
    std::string target;
    double gflops = 0;              // of all threads, multiply-add in registers, in f32
    double tile_gflops = kUnknown;  // of bf16 in tiles, if the target's 3x3 convolutions compute there
};

struct Skipped {
    std::string model, target;
    std::string input;  // "": at any size
    std::string sentence;
};

struct Report {
    std::string version, machine, date, command;  // "0.1.0", the processor's name, "2026-11-24T13:00:00Z"
    int threads = 0;
    bool pinned = false;
    std::vector<Peak> peaks;
    std::vector<Row> rows;
    std::vector<Skipped> skipped;
};

// The percentile by nearest rank: the least value that `percent` of the values do not exceed. Precondition: there is a
// value.
double percentile(std::vector<double> values, double percent);

// "cuda_f16" -> "f16"; "f32" where a target names none.
std::string precision_of(const std::string &target);

// Floats of a vector on a CPU target; 0: its peak is not known here (GPUs, ARM).
int lanes_of(const std::string &target);

// The rows of one model at one input size, in their order, which have a table and charts of their own.
struct Group {
    std::string model, input;
    std::vector<const Row *> rows;
};
std::vector<Group> groups_of(const Report &report);  // pointing into the report

void derive(Report &report);

}  // namespace slimscale::bench
