#include "compiler/gpu_model.h"

#include <algorithm>
#include <functional>
#include <map>
#include <set>

#include "schedules/gpu/threads.h"
#include "weights/winograd.h"

namespace slimscale::generators {
namespace {

constexpr int kWarp = 32, kLineBytes = 128, kFloatBytes = 4;
constexpr int kWidth = 640, kHeight = 360;
constexpr double kPixels = double{kWidth} * kHeight;
constexpr int kTaps = 9;
constexpr double kFrequenciesPerPixel = 36. / 16;  // Winograd's, of a tile of 4x4
constexpr int kColumnPadding = 37;                 // of a tensor's row beside the frame
constexpr int kVectorBytes = schedules::gpu::kVector * kFloatBytes;
constexpr int kFilterBlock = 16, kGpuFilterBlock = 32;  // generators/blocks/common.h

// Where the threads of a block's first warp are: a group of channels, and the first pixel or tile of their own.
struct Thread {
    int group, x, y;
};

class Warp {
public:
    // `width`, `height`: pixels of a thread's register tile.
    Warp(schedules::gpu::Threads threads, int width, int height) {
        for (int t = 0; t < kWarp; t++) {
            const int column = t / threads.groups;
            threads_.push_back({t % threads.groups, column % threads.columns * width, column / threads.columns * height});
        }
    }

    // Of a load of `bytes` by every thread, at the byte that `address` says.
    double passes(int bytes, const std::function<long(const Thread &)> &address) const {
        const int together = kLineBytes / bytes;
        double sum = 0;
        for (int first = 0; first < kWarp; first += together) {
            std::set<long> lines;
            for (int t = first; t < first + together; t++)
                lines.insert(address(threads_[static_cast<size_t>(t)]) / kLineBytes);
            sum += static_cast<double>(lines.size());
        }
        return sum;
    }

private:
    std::vector<Thread> threads_;
};

// Address of channel 0 of a thread's first pixel in a tensor.
std::function<long(const Thread &)> pixel_of(int channels) {
    return [=](const Thread &t) {
        return (long{t.y} * (kWidth + kColumnPadding) + t.x) * channels * kFloatBytes;
    };
}

// Likewise of a thread's own vector of channels.
std::function<long(const Thread &)> vector_of(int channels) {
    return [=](const Thread &t) { return pixel_of(channels)(t) + long{t.group} * kVectorBytes; };
}

// A thread's first output channels in a filter's blocks of `block` channels, `block_rows` rows of them each.
std::function<long(const Thread &)> filter_of(int channels_of_thread, int block, int block_rows) {
    return [=](const Thread &t) {
        const long c = long{t.group} * channels_of_thread;
        return (c / block * block_rows * block + c % block) * kFloatBytes;
    };
}

int number(const blocks::Block &block, const char *param) {
    return std::stoi(block.params.at(param));
}

bool adds(const blocks::Block &block) {
    return block.params.count("add") > 0;
}

double tensor_bytes(double channels) {
    return kPixels * channels * kFloatBytes;
}

// An iteration of a warp's hot loop: FFMA of a thread, passes of L1.
struct Iteration {
    double ffma, l1_passes;
};

// The loop's work until it has done `fma`.
Work looped(double fma, Iteration iteration, double bytes) {
    Work work;
    work.fma = work.kernel_fma = fma;
    work.l1_passes = fma / kWarp / iteration.ffma * iteration.l1_passes;
    work.bytes = bytes;
    return work;
}

// schedules/gpu/conv3x3.cpp: 36 loads of 2 channels and 18 of 4 filters make 1,152 FFMA.
Work conv3x3(const blocks::Block &b) {
    const int in = number(b, "cin"), out = number(b, "cout");
    const Warp warp(schedules::gpu::threads(out / 4), 4, 4);
    const Iteration iteration{1152, 36 * warp.passes(8, pixel_of(in)) +
                                        18 * warp.passes(kVectorBytes, filter_of(4, kGpuFilterBlock, kTaps * in))};
    return looped(kPixels * kTaps * in * out, iteration, tensor_bytes(in + out + (adds(b) ? out : 0)));
}

// head.cpp: of a color 6x4 pixels one by one and 9 vectors of filters make 288 FFMA.
Work head(const blocks::Block &b) {
    const int colors = number(b, "colors"), out = number(b, "cout");
    const Warp warp(schedules::gpu::threads(out / 4), 4, 2);
    const Iteration iteration{288, 24 * warp.passes(kFloatBytes, pixel_of(colors)) +
                                       9 * warp.passes(kVectorBytes, filter_of(4, kFilterBlock, kTaps * colors))};
    return looped(kPixels * kTaps * colors * out, iteration, tensor_bytes(colors + out));
}

// conv1x1.cpp: 8 pixels' vectors and 8 of filters make 256 FFMA.
Work conv1x1(const blocks::Block &b) {
    const int in = number(b, "cin"), out = number(b, "cout"), segments = number(b, "segments");
    const Warp warp(schedules::gpu::threads(out / 8), 4, 2);
    const Iteration iteration{256, 8 * warp.passes(kVectorBytes, pixel_of(in)) +
                                       8 * warp.passes(kVectorBytes, filter_of(8, kFilterBlock, segments * in))};
    return looped(kPixels * segments * in * out, iteration, tensor_bytes(segments * in + out + (adds(b) ? out : 0)));
}

// tail.cpp: threads side by side on pixels; all taps of four channels, of 4x4 taps one row.
Work tail(const blocks::Block &b) {
    const int in = number(b, "cin"), colors = number(b, "colors");
    const int taps = b.params.count("taps") ? 4 : 3, rows = taps == 4 ? 1 : taps;
    const Warp warp({1, 8, 16}, 4, 2);
    const double pixel_loads = (4 + taps - 1) * (2 + rows - 1), filter_loads = taps * rows * colors;
    const Iteration iteration{4. * taps * rows * colors * 8,
                              pixel_loads * warp.passes(kVectorBytes, pixel_of(in)) +
                                  filter_loads * warp.passes(kVectorBytes, [](const Thread &) { return 0; })};
    return looped(kPixels * taps * taps * in * colors, iteration, tensor_bytes(in + colors));
}

// winograd.cpp: 8 vectors of transformed inputs and 8 of filters make 256 FFMA.
Work winograd_product(const blocks::Block &b) {
    const int in = number(b, "cin"), out = number(b, "cout");
    schedules::gpu::Threads threads = schedules::gpu::threads(out / 8);
    const Warp warp({threads.groups, threads.columns * threads.rows, 1}, 8, 1);  // tiles, in one row
    const Iteration iteration{256, 8 * warp.passes(kVectorBytes, pixel_of(in)) +
                                       8 * warp.passes(kVectorBytes, filter_of(4, kGpuFilterBlock, in))};
    Work work = looped(kPixels * kFrequenciesPerPixel * in * out, iteration, 0);
    work.chunk_bytes = kFrequenciesPerPixel * tensor_bytes(in + out);
    return work;
}

// Kernels that run once through: a vector of 4 channels per thread of a square of `side` pixels, with `vectors` loads and
// stores of one on the tensors.
Work straight(int channels, int side, double vectors) {
    const Warp warp(schedules::gpu::threads(channels / 4), side, side);
    Work work;
    work.threads = kPixels * channels / 4 / (side * side);
    work.l1_passes = work.threads / kWarp * vectors * warp.passes(kVectorBytes, vector_of(channels));
    return work;
}

Work winograd_input(const blocks::Block &b) {
    const int channels = number(b, "cin");
    Work work = straight(channels, 4, 36 + 36);
    work.bytes = tensor_bytes(channels);
    work.chunk_bytes = kFrequenciesPerPixel * tensor_bytes(channels);
    return work;
}

Work winograd_output(const blocks::Block &b) {
    const int channels = number(b, "cout"), tensors = adds(b) ? 2 : 1;
    Work work = straight(channels, 4, 36 + 16 * tensors);
    work.bytes = tensor_bytes(tensors * channels);
    work.chunk_bytes = kFrequenciesPerPixel * tensor_bytes(channels);
    return work;
}

Work attend(const blocks::Block &b) {
    const int channels = number(b, "cin");
    Work work = straight(channels, 1, 4);  // input, factors, addend, output
    work.fma = kPixels * channels;
    work.bytes = tensor_bytes(3 * channels);
    return work;
}

constexpr double kAdditionClocks = 4;  // until a sum can be added to

// row_sum.cpp: a thread adds one channel along a row.
Work row_sum(const blocks::Block &b) {
    Work work;
    work.bytes = tensor_bytes(number(b, "cin"));
    work.l1_passes = work.bytes / kLineBytes;
    work.chain_clocks = kAdditionClocks * kWidth;
    return work;
}

// gate.cpp: one block; each of its threads adds all rows, then all channels, then all squeezed ones.
Work gate(const blocks::Block &b) {
    Work work;
    work.bytes = double{kHeight} * number(b, "cin") * kFloatBytes;
    work.chain_clocks = kAdditionClocks * (kHeight + number(b, "cin") + number(b, "squeezed"));
    return work;
}

}  // namespace

const std::vector<Gpu> &gpus() {
    static const std::vector<Gpu> list{
        {"RTX 2080 Ti", "RTX 2080 Ti", 75, 68, 64, 1.545, 616, 5.5},
        {"A100 SXM", "A100-SXM4-40GB", 80, 108, 64, 1.41, 1555, 40},
        {"RTX 3090", "RTX 3090", 86, 82, 128, 1.695, 936, 6},
        {"Jetson AGX Orin", "Orin", 87, 16, 128, 1.3, 204.8, 4},
        {"RTX 4090", "RTX 4090", 89, 128, 128, 2.52, 1008, 72},
        {"H100 SXM", "H100 80GB HBM3", 90, 132, 128, 1.98, 3350, 50},
    };
    return list;
}

bool is_gpu(const Gpu &gpu, const std::string &device) {
    const std::string name = gpu.driver_name;
    const size_t at = device.find(name);
    return at != std::string::npos && (at + name.size() == device.size() || device[at + name.size()] == ',');
}

bool work_of(const blocks::Block &block, Work &work) {
    static const std::map<std::string, Work (*)(const blocks::Block &)> kinds{
        {"conv3x3_direct", conv3x3},
        {"head", head},
        {"conv1x1", conv1x1},
        {"tail", tail},
        {"row_sum", row_sum},
        {"gate", gate},
        {"attend", attend},
        {"winograd_input", winograd_input},
        {"winograd_product", winograd_product},
        {"winograd_output", winograd_output},
    };
    const auto found = kinds.find(block.generator);
    if (found == kinds.end() || !block.error.empty())
        return false;
    work = found->second(block);
    return true;
}

Bound bound_of(const Gpu &gpu, const HotLoop &loop, const Work &work) {
    constexpr double kIssue = 4;  // warp instructions a clock
    const double clocks_a_second = gpu.gigahertz * 1e9, all_clocks = gpu.multiprocessors * clocks_a_second;
    double instructions = work.threads / kWarp * loop.instructions;
    if (work.kernel_fma > 0 && loop.ffma > 0)
        instructions = work.kernel_fma / kWarp * loop.instructions / loop.ffma;
    const bool kept = gpu.l2_megabytes * 1e6 > static_cast<double>(winograd::kChunkBytes);
    const double bytes = work.bytes + (kept ? 0 : work.chunk_bytes);
    const double fma_time = work.fma / gpu.peak();
    double time = fma_time;
    Bound bound{0, "FMA", 0};
    const auto limit = [&](double seconds, const char *name) {
        if (seconds > time)
            time = seconds, bound.limit = name;
    };
    limit(instructions / kIssue / all_clocks, "issue");
    limit(work.l1_passes / all_clocks, "L1");
    limit(bytes / (gpu.gigabytes_per_second * 1e9), "memory");
    limit(work.chain_clocks / clocks_a_second, "latency");
    bound.share = fma_time / time;
    bound.microseconds = 1e6 * time;
    return bound;
}

}  // namespace slimscale::generators
