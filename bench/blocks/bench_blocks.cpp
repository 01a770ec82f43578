// Times compiled blocks: bench_blocks [--size WxH] [--threads N] [--rounds N] [--groups N] [--shuffle N] [--tier T]...
// PIPELINE...
//
// The pipelines are compiled in memory from the generators. Rounds interleave all pipelines and tiers, so that a busy
// moment of the machine hits all alike; the best round counts. With one thread its own running time is measured, which
// holds on a busy machine too. "Effective" GF/s count the products of the direct convolution, so Winograd may exceed
// the FMA peak, which is measured by the same program.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "HalideBuffer.h"
#include "bench/peak/clocks.h"
#include "bench/peak/fma_peak.h"
#include "generators/blocks/blocks.h"

namespace {

using namespace slimscale;
using Halide::Callable;
using Halide::Runtime::Buffer;

struct Options {
    int width = 128, height = 128, threads = 2, rounds = 15;
    int groups = 1, shuffle = 1;  // of 3x3 convolutions
    std::vector<std::string> tiers, pipelines;
};

const std::map<std::string, std::string> kTargets{
    {"baseline", "x86-64-linux"},
    {"avx2", "x86-64-linux-sse41-avx-f16c-fma-avx2"},
    {"avx512", "x86-64-linux-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake"},
};

// Scratch is kept between calls, as the runtime's arenas do.
class Pool : public Halide::JITUserContext {
public:
    Pool() {
        handlers.custom_malloc = [](Halide::JITUserContext *, size_t bytes) { return take(bytes); };
        handlers.custom_free = [](Halide::JITUserContext *, void *memory) { give(memory); };
    }

private:
    static constexpr size_t kHeader = 64;
    static inline std::mutex mutex;
    static inline std::multimap<size_t, char *> free_blocks;

    static void *take(size_t bytes) {
        const std::lock_guard<std::mutex> lock(mutex);
        const auto found = free_blocks.find(bytes);
        if (found != free_blocks.end()) {
            char *block = found->second;
            free_blocks.erase(found);
            return block + kHeader;
        }
        char *block = static_cast<char *>(std::aligned_alloc(64, (bytes + kHeader + 63) / 64 * 64));
        std::memcpy(block, &bytes, sizeof bytes);
        return block + kHeader;
    }

    static void give(void *memory) {
        if (memory != nullptr) {
            const std::lock_guard<std::mutex> lock(mutex);
            char *block = static_cast<char *>(memory) - kHeader;
            size_t bytes;
            std::memcpy(&bytes, block, sizeof bytes);
            free_blocks.emplace(bytes, block);
        }
    }
};

template <typename T, int Dims>
void fill(Buffer<T, Dims> &buffer, float scale) {
    uint32_t state = 1;
    buffer.for_each_value([&](T &value) {
        state = state * 1664525u + 1013904223u;
        value = scale * (static_cast<float>(state >> 8) / static_cast<float>(1 << 24) - 0.5f);
    });
}

// A frame's tensor as the executor keeps it: columns from -1, a zero row at the end.
Buffer<float, 3> tensor(int channels, const Options &o) {
    Buffer<float, 3> buffer(channels, o.width + 33, o.height + 1);
    buffer.set_min(0, -1, 0);
    fill(buffer, 2.f);
    return buffer;
}

// What a 3x3 convolution writes: c, x, y, group, column and row of the phase.
Buffer<float, 6> shuffled(int channels, const Options &o) {
    const int s = o.shuffle;
    return Buffer<float, 6>(channels, o.groups, s, o.width, s, o.height).transposed({0, 3, 4, 1, 5, 2});
}

struct Bench {
    std::string pipeline, tier;
    double flops = 0;  // of the direct form
    std::function<void()> run;
    double best_seconds = std::numeric_limits<double>::infinity();
};

int number(const blocks::Block &block, const char *param) {
    return std::stoi(block.params.at(param));
}

Bench conv3x3(Callable f, const blocks::Block &block, const Options &o) {
    const int cin = number(block, "cin"), cout = number(block, "cout"), rounded = (cout + 15) / 16;
    auto in = tensor(cin * o.groups, o), add = tensor(cout * o.groups, o);
    const int phases = o.shuffle * o.shuffle;
    Buffer<float, 6> filter(16, cin + 1, 6, 6, rounded * o.groups, phases);
    fill(filter, 1.f / static_cast<float>(cin));
    Buffer<float, 2> bias(rounded * 16 * o.groups, phases);
    bias.fill(0.1f);
    auto out = shuffled(cout, o);
    const bool adds = block.params.count("add") > 0;
    Bench bench;
    bench.flops = 2. * 9 * cin * cout * o.width * o.height * o.groups * phases;
    bench.run = [=]() mutable {
        Pool scratch;
        Halide::JITUserContext *pool = &scratch;
        if (adds) {
            f(pool, in, 0, o.height, o.height, 0, filter, bias, 0.f, add, 0, o.height, out);
        } else {
            f(pool, in, 0, o.height, o.height, 0, filter, bias, 0.f, out);
        }
    };
    return bench;
}

Bench conv1x1(Callable f, const blocks::Block &block, const Options &o) {
    const int cin = number(block, "cin"), cout = number(block, "cout"), n = number(block, "segments"),
              rounded = (cout + 15) / 16;
    auto in = tensor(cin, o), add = tensor(cout, o);
    Buffer<float, 3> filter(16, cin * n, rounded);
    fill(filter, 1.f / static_cast<float>(cin));
    Buffer<float, 1> bias(rounded * 16);
    bias.fill(0.1f);
    Buffer<float, 3> out(cout, o.width, o.height);
    Bench bench;
    const bool adds = block.params.count("add") > 0;
    bench.flops = 2. * cin * n * cout * o.width * o.height;
    bench.run = [=]() mutable {
        const int h = o.height;
        Pool scratch;
        Halide::JITUserContext *pool = &scratch;
        if (adds && n == 1) {
            f(pool, in, 0, h, 0, filter, cin, bias, 0.f, add, 0, h, out);
        } else if (n == 1) {
            f(pool, in, 0, h, 0, filter, cin, bias, 0.f, out);
        } else if (n == 2) {
            f(pool, in, 0, h, in, 0, h, 0, filter, cin, bias, 0.f, out);
        } else if (n == 3) {
            f(pool, in, 0, h, in, 0, h, in, 0, h, 0, filter, cin, bias, 0.f, out);
        } else {
            f(pool, in, 0, h, in, 0, h, in, 0, h, in, 0, h, 0, filter, cin, bias, 0.f, out);
        }
    };
    return bench;
}

Bench head(Callable f, const blocks::Block &block, const Options &o) {
    const int colors = number(block, "colors"), cout = number(block, "cout"), rounded = (cout + 15) / 16;
    auto in = tensor(colors, o);
    Buffer<float, 5> filter(16, 3, 3, colors, rounded);
    fill(filter, 0.1f);
    Buffer<float, 1> bias(rounded * 16);
    bias.fill(0.1f);
    Buffer<float, 3> out(cout, o.width, o.height);
    Bench bench;
    bench.flops = 2. * 9 * colors * cout * o.width * o.height;
    bench.run = [=]() mutable { f(in, 0, o.height, o.height, 0, filter, bias, out); };
    return bench;
}

Bench tail(Callable f, const blocks::Block &block, const Options &o) {
    const int cin = number(block, "cin"), colors = number(block, "colors");
    auto in = tensor(cin, o);
    Buffer<float, 4> filter((cin + 15) / 16 * 16, 3, 3, colors);
    fill(filter, 0.1f);
    Buffer<float, 1> bias(colors);
    bias.fill(0.1f);
    Buffer<float, 3> out(colors, o.width, o.height);
    Bench bench;
    bench.flops = 2. * 9 * cin * colors * o.width * o.height;
    bench.run = [=]() mutable { f(in, 0, o.height, o.height, 0, filter, bias, out); };
    return bench;
}

Bench row_sum(Callable f, const blocks::Block &block, const Options &o) {
    const int cin = number(block, "cin");
    auto in = tensor(cin, o);
    Buffer<float, 2> out(cin, o.height);
    Bench bench;
    bench.flops = 1. * cin * o.width * o.height;
    bench.run = [=]() mutable { f(in, 0, o.height, 0, o.width, out); };
    return bench;
}

Bench attend(Callable f, const blocks::Block &block, const Options &o) {
    const int cin = number(block, "cin");
    auto in = tensor(cin, o), add = tensor(cin, o);
    Buffer<float, 1> factor(cin);
    factor.fill(0.5f);
    Buffer<float, 3> out(cin, o.width, o.height);
    Bench bench;
    bench.flops = 2. * cin * o.width * o.height;
    bench.run = [=]() mutable { f(in, 0, o.height, factor, add, 0, o.height, 0, out); };
    return bench;
}

Bench make_bench(const std::string &pipeline, const std::string &tier, const Options &o) {
    static const std::map<std::string, Bench (*)(Callable, const blocks::Block &, const Options &)> makers{
        {"conv3x3", conv3x3},
        {"conv1x1", conv1x1},
        {"head", head},
        {"tail", tail},
        {"row_sum", row_sum},
        {"attend", attend},
    };
    const blocks::Block block = blocks::block(pipeline);
    if (!block.error.empty()) {
        throw std::runtime_error(block.error);
    }
    const auto maker = makers.find(block.generator);
    if (maker == makers.end()) {
        throw std::runtime_error("There is no benchmark for " + pipeline + ": it takes too little time to matter.");
    }
    const Halide::Target target(kTargets.at(tier) + "-jit");
    Bench bench = maker->second(
        Halide::create_callable_from_generator(Halide::GeneratorContext(target), block.generator, block.params), block,
        o);
    bench.pipeline = pipeline, bench.tier = tier;
    return bench;
}

void time_all(std::vector<Bench> &benches, int rounds, int threads) {
    const auto now = threads == 1 ? bench::thread_seconds : bench::wall_seconds;
    constexpr double kSecondsPerRound = 0.02;
    for (int round = 0; round < rounds; round++) {
        for (Bench &bench : benches) {
            double spent = 0;
            while (spent < kSecondsPerRound) {
                const double start = now();
                bench.run();
                const double s = now() - start;
                spent += s;
                bench.best_seconds = std::min(bench.best_seconds, s);
            }
        }
    }
}

Options parse(int argc, char **argv) {
    Options o;
    for (int i = 1; i < argc; i++) {
        const std::string arg = argv[i];
        const char *value = i + 1 < argc ? argv[i + 1] : "";
        if (arg.rfind("--", 0) != 0) {
            o.pipelines.push_back(arg);
            continue;
        }
        i++;
        if (arg == "--size" && std::sscanf(value, "%dx%d", &o.width, &o.height) == 2 && o.width % 4 == 0 &&
            o.height % 4 == 0) {
        } else if (arg == "--threads" && std::atoi(value) > 0) {
            o.threads = std::atoi(value);
        } else if (arg == "--rounds" && std::atoi(value) > 0) {
            o.rounds = std::atoi(value);
        } else if (arg == "--groups" && std::atoi(value) > 0) {
            o.groups = std::atoi(value);
        } else if (arg == "--shuffle" && std::atoi(value) > 0) {
            o.shuffle = std::atoi(value);
        } else if (arg == "--tier" && kTargets.count(value) > 0) {
            o.tiers.push_back(value);
        } else {
            throw std::runtime_error(
                arg + " " + value +
                ": use --size WxH (multiples of 4), --threads N, --rounds N, --groups N, --shuffle N (of conv3x3), "
                "--tier baseline|avx2|avx512");
        }
    }
    if (o.tiers.empty()) {
        o.tiers = {"avx2"};
    }
    if (o.pipelines.empty()) {
        o.pipelines = {"conv3x3_16_16", "conv3x3_32_32", "conv3x3_64_64", "conv3x3_128_128", "conv3x3_256_256"};
    }
    return o;
}

int run(int argc, char **argv) {
    const Options o = parse(argc, argv);
    blocks::StrictReporter reporter;
    Halide::set_custom_compile_time_error_reporter(&reporter);
    setenv("HL_NUM_THREADS", std::to_string(o.threads).c_str(), 1);  // read when the first pipeline runs

    std::vector<Bench> benches;
    for (const std::string &pipeline : o.pipelines) {
        for (const std::string &tier : o.tiers) {
            benches.push_back(make_bench(pipeline, tier, o));
        }
    }
    time_all(benches, o.rounds, o.threads);

    std::printf("%dx%d, %d threads, best of %d rounds\n", o.width, o.height, o.threads, o.rounds);
    for (const Bench &bench : benches) {
        const int lanes = bench.tier == "avx512" ? 16 : bench.tier == "avx2" ? 8
                                                                             : 4;
        static std::map<int, double> peaks;
        if (peaks.count(lanes) == 0) {
            peaks[lanes] = bench::multiply_add_gflops(lanes, 50);
        }
        const double gflops = bench.flops / bench.best_seconds / 1e9;
        std::printf("%-24s %-9s %9.3f ms %8.1f effective GF/s %5.0f%% of FMA peak (%d x %.0f)\n",
                    bench.pipeline.c_str(), bench.tier.c_str(), bench.best_seconds * 1e3, gflops,
                    100 * gflops / (peaks[lanes] * o.threads), o.threads, peaks[lanes]);
    }
    return 0;
}

}  // namespace

int main(int argc, char **argv) {
    try {
        return run(argc, argv);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "bench_blocks: %s\n", error.what());
        return 1;
    }
}
