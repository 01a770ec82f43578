#include "compiler/gpu_model.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <set>

#include "contract/layout.h"
#include "contract/operation.h"
#include "schedules/gpu/threads.h"

namespace slimscale::generators {
namespace {

constexpr int kWarp = 32, kLineBytes = 128, kFloatBytes = 4;
constexpr int kWidth = 640, kHeight = 360;
constexpr double kPixels = double{kWidth} * kHeight;
constexpr int kTaps = 9;
using contract::Block;
using contract::kDeviceFilterBlock;
using contract::kFilterBlock;
using contract::Pipeline;

constexpr double kElementsPerPixel = double{contract::kElements} / (contract::kTile * contract::kTile);
constexpr int kPaddingColumns =
    1 + contract::kReadableColumns + contract::kTile;  // of a tensor's row beside the frame, at most
constexpr int kVectorBytes = schedules::gpu::kVector * kFloatBytes;

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
            threads_.push_back(
                {t % threads.groups, column % threads.columns * width, column / threads.columns * height});
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
    return [=](const Thread &t) { return (long{t.y} * (kWidth + kPaddingColumns) + t.x) * channels * kFloatBytes; };
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
Work conv3x3(const Pipeline &p) {
    const int in = p.in, out = p.out;
    const Warp warp(schedules::gpu::threads(out / 4), 4, 4);
    const Iteration iteration{1152, 36 * warp.passes(8, pixel_of(in)) +
                                        18 * warp.passes(kVectorBytes, filter_of(4, kDeviceFilterBlock, kTaps * in))};
    return looped(kPixels * kTaps * in * out, iteration, tensor_bytes(in + out + (p.add ? out : 0)));
}

// head.cpp: of a color 6x4 pixels one by one and 9 vectors of filters make 288 FFMA.
Work head(const Pipeline &p) {
    const int colors = p.in, out = p.out;
    const Warp warp(schedules::gpu::threads(out / 4), 4, 2);
    const Iteration iteration{288, 24 * warp.passes(kFloatBytes, pixel_of(colors)) +
                                       9 * warp.passes(kVectorBytes, filter_of(4, kFilterBlock, kTaps * colors))};
    return looped(kPixels * kTaps * colors * out, iteration, tensor_bytes(colors + out));
}

// conv1x1.cpp: 8 pixels' vectors and 8 of filters make 256 FFMA.
Work conv1x1(const Pipeline &p) {
    const int in = p.in, out = p.out, segments = p.segments;
    const Warp warp(schedules::gpu::threads(out / 8), 4, 2);
    const Iteration iteration{256, 8 * warp.passes(kVectorBytes, pixel_of(in)) +
                                       8 * warp.passes(kVectorBytes, filter_of(8, kFilterBlock, segments * in))};
    return looped(kPixels * segments * in * out, iteration, tensor_bytes(segments * in + out + (p.add ? out : 0)));
}

// tail.cpp: threads side by side on pixels; all taps of four channels, of 4x4 taps one row.
Work tail(const Pipeline &p) {
    const int in = p.in, colors = p.out;
    const int taps = p.taps, rows = taps == 4 ? 1 : taps;
    const Warp warp({1, 8, 16}, 4, 2);
    const double pixel_loads = (4 + taps - 1) * (2 + rows - 1), filter_loads = taps * rows * colors;
    const Iteration iteration{4. * taps * rows * colors * 8,
                              pixel_loads * warp.passes(kVectorBytes, pixel_of(in)) +
                                  filter_loads * warp.passes(kVectorBytes, [](const Thread &) { return 0; })};
    return looped(kPixels * taps * taps * in * colors, iteration, tensor_bytes(in + colors));
}

// winograd.cpp: 8 vectors of transformed inputs and 8 of filters make 256 FFMA.
Work winograd_product(const Pipeline &p) {
    const int in = p.in, out = p.out;
    schedules::gpu::Threads threads = schedules::gpu::threads(out / 8);
    const Warp warp({threads.groups, threads.columns * threads.rows, 1}, 8, 1);  // tiles, in one row
    const Iteration iteration{256, 8 * warp.passes(kVectorBytes, pixel_of(in)) +
                                       8 * warp.passes(kVectorBytes, filter_of(4, kDeviceFilterBlock, in))};
    Work work = looped(kPixels * kElementsPerPixel * in * out, iteration, 0);
    work.chunk_bytes = kElementsPerPixel * tensor_bytes(in + out);
    return work;
}

// Kernels that run once through: a vector of 4 channels per thread of a square of `side` pixels, with `vectors` loads
// and stores of one on the tensors.
Work straight(int channels, int side, double vectors) {
    const Warp warp(schedules::gpu::threads(channels / 4), side, side);
    Work work;
    work.threads = kPixels * channels / 4 / (side * side);
    work.l1_passes = work.threads / kWarp * vectors * warp.passes(kVectorBytes, vector_of(channels));
    return work;
}

Work winograd_input(const Pipeline &p) {
    const int channels = p.in;
    Work work = straight(channels, 4, 36 + 36);
    work.bytes = tensor_bytes(channels);
    work.chunk_bytes = kElementsPerPixel * tensor_bytes(channels);
    return work;
}

Work winograd_output(const Pipeline &p) {
    const int channels = p.out, tensors = p.add ? 2 : 1;
    Work work = straight(channels, 4, 36 + 16 * tensors);
    work.bytes = tensor_bytes(tensors * channels);
    work.chunk_bytes = kElementsPerPixel * tensor_bytes(channels);
    return work;
}

// Operations on values that lie at the same place: a vector of every argument.
Work elementwise(const Pipeline &p) {
    int vectors = 0, tensors = 0;
    for (const contract::Argument &argument : contract::arguments_of(p.block)) {
        vectors += argument.kind == contract::Kind::buffer;
        tensors += argument.kind == contract::Kind::buffer && argument.rank == 3;
    }
    Work work = straight(p.in, 1, vectors);
    work.fma = kPixels * p.in;
    work.bytes = tensor_bytes(tensors * p.in);
    return work;
}

bool is_elementwise(Block block) {
    return std::any_of(std::begin(contract::kOperations), std::end(contract::kOperations), [&](const auto &facts) {
        return facts.block == block && facts.packing == contract::Packing::none && facts.runs == contract::Runs::apart;
    });
}

constexpr double kAdditionClocks = 4;  // until a sum can be added to

// row_sum.cpp: a thread adds one channel along a row.
Work row_sum(const Pipeline &p) {
    Work work;
    work.bytes = tensor_bytes(p.in);
    work.l1_passes = work.bytes / kLineBytes;
    work.chain_clocks = kAdditionClocks * kWidth;
    return work;
}

// gate.cpp: one block; each of its threads adds all rows, then all channels, then all squeezed ones.
Work gate(const Pipeline &p) {
    Work work;
    work.bytes = double{kHeight} * p.in * kFloatBytes;
    work.chain_clocks = kAdditionClocks * (kHeight + p.in + p.out);
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

bool work_of(const Pipeline &pipeline, Work &work) {
    struct Model {
        Block block;
        Work (*work)(const Pipeline &);
    };
    constexpr Model kModels[] = {
        {Block::conv3x3, conv3x3},
        {Block::head, head},
        {Block::conv1x1, conv1x1},
        {Block::tail, tail},
        {Block::row_sum, row_sum},
        {Block::gate, gate},
        {Block::winograd_input, winograd_input},
        {Block::winograd_product, winograd_product},
        {Block::winograd_output, winograd_output},
    };
    if (is_elementwise(pipeline.block)) {
        work = elementwise(pipeline);
        return true;
    }
    for (const Model &model : kModels)
        if (model.block == pipeline.block) {
            work = model.work(pipeline);
            return true;
        }
    return false;
}

Bound bound_of(const Gpu &gpu, const HotLoop &loop, const Work &work) {
    constexpr double kIssue = 4;  // warp instructions a clock
    const double clocks_a_second = gpu.gigahertz * 1e9, all_clocks = gpu.multiprocessors * clocks_a_second;
    double instructions = work.threads / kWarp * loop.instructions;
    if (work.kernel_fma > 0 && loop.ffma > 0)
        instructions = work.kernel_fma / kWarp * loop.instructions / loop.ffma;
    const bool kept = gpu.l2_megabytes * 1e6 > static_cast<double>(contract::kChunkBytes);
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
