// Times compiled blocks:
//
//     bench_blocks [--size WxH] [--threads N] [--rounds N] [--groups N] [--shuffle N] [--target T]...
//                  [--schedules FILE] PIPELINE...
//
// The pipelines are compiled like those of archives. Rounds interleave all pipelines and targets, so that a busy moment
// of the machine hits all alike; the best round counts. With one thread its own running time is measured, which holds
// on a busy machine too. "Effective" GF/s count the products of the direct convolution, so Winograd may exceed the
// FMA peak, which is measured by the same program.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <limits>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "base/files.h"
#include "bench/blocks/call.h"
#include "bench/blocks/loaded.h"
#include "bench/peak/clocks.h"
#include "bench/peak/fma_peak.h"
#include "compiler/commands.h"
#include "compiler/files.h"
#include "compiler/process.h"
#include "contract/arguments.h"
#include "generators/blocks/blocks.h"

namespace {

using namespace slimscale;

struct Options {
    int width = 128, height = 128, threads = 2, rounds = 15;
    int groups = 1, shuffle = 1;  // of 3x3 convolutions
    std::vector<std::string> targets, pipelines;
    std::string schedules;
};

// Of a target of this machine's kind of processor; 0: it is none.
int lanes_of(const std::string &target) {
    const Result<std::vector<generators::Target>> found = generators::parse_targets(target, true);
    if (!found || found->size() != 1)
        return 0;
    const generators::Target &one = found->front();
    return one.id.on_device() || one.platform != generators::platforms()[0] ? 0 : facts_of(one.id.isa)->lanes;
}

struct Bench {
    std::string pipeline, target;
    bench::Call call;
    bench::Entry entry;
    double best_seconds = std::numeric_limits<double>::infinity();
};

void check(const Status &status) {
    if (!status)
        throw std::runtime_error(status.error());
}

template <typename T>
T value_of(Result<T> result) {
    check(result.status());
    return *std::move(result);
}

void run(Bench &bench) {
    if (bench.call.run(bench.entry) != 0)
        throw std::runtime_error(bench.pipeline + ": " + bench::call_error());
}

std::vector<generators::Object> plan(const Options &o, const std::string &folder) {
    schedules::Table table;
    check(generators::load_schedules(o.schedules, table));
    std::string list;
    for (const std::string &target : o.targets)
        list += (list.empty() ? "" : ",") + target;
    std::vector<generators::Object> objects;
    for (const std::string &name : o.pipelines) {
        contract::Pipeline pipeline;
        if (!parse_pipeline(name, pipeline))
            throw std::runtime_error(blocks::no_such_pipeline(name));
        for (const generators::Target &target : value_of(generators::parse_targets(list, true))) {
            if (contract::in_tiles(contract::block_on(pipeline.block, target.id.on_device(), target.id.type)))
                throw std::runtime_error(name + " on " + target.name +
                                         " computes in AMX tiles, whose filters are not made here: use bench_widths");
            const auto planned = generators::plan_objects({pipeline}, target, table, folder, {});
            objects.insert(objects.end(), planned.begin(), planned.end());
        }
    }
    return objects;
}

std::vector<Bench> make_benches(const Options &o, const std::string &folder) {
    std::vector<Bench> benches;
    const std::vector<generators::Object> objects = plan(o, folder);
    const auto shape = [&](const generators::Target &target) {
        return bench::Shape{o.width, o.height, o.groups, o.shuffle, target.id.type};
    };
    benches.reserve(objects.size());
    for (const generators::Object &object : objects) {
        benches.push_back({name_of(object.pipeline).str(), object.target.name,
                           value_of(bench::Call::make(object.pipeline, shape(object.target))), nullptr});
    }
    check(generators::compile_objects(objects, {}, generators::job_count(0), [](const generators::Object &) {}));
    check(bench::open_halide_runtime(folder, o.threads));
    for (size_t i = 0; i < objects.size(); i++) {
        const std::string library = objects[i].cuda.stem + ".so";
        check(bench::link_pipeline(objects[i], library));
        benches[i].entry = value_of(bench::load_pipeline(library, objects[i].function));
    }
    return benches;
}

void time_all(std::vector<Bench> &benches, int rounds, int threads) {
    const auto now = threads == 1 ? bench::thread_seconds : bench::wall_seconds;
    constexpr double kSecondsPerRound = 0.02;
    for (int round = 0; round < rounds; round++) {
        for (Bench &bench : benches) {
            double spent = 0;
            while (spent < kSecondsPerRound) {
                const double start = now();
                run(bench);
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
        } else if ((arg == "--target" || arg == "--tier") && lanes_of(value) > 0) {
            o.targets.push_back(value);
        } else if (arg == "--schedules" && *value) {
            o.schedules = value;
        } else {
            throw std::runtime_error(
                arg + " " + value +
                ": use --size WxH (multiples of 4), --threads N, --rounds N, --groups N, --shuffle N (of conv3x3), "
                "--target TARGET (of a processor like this one), --schedules FILE");
        }
    }
    if (o.targets.empty())
        o.targets = {"avx2"};
    if (o.pipelines.empty())
        o.pipelines = {"conv3x3_16_16", "conv3x3_32_32", "conv3x3_64_64", "conv3x3_128_128", "conv3x3_256_256"};
    return o;
}

int run(int argc, char **argv) {
    const Options o = parse(argc, argv);
    const base::WorkFolder folder = value_of(base::WorkFolder::make(std::filesystem::temp_directory_path().string()));
    std::vector<Bench> benches = make_benches(o, folder.path());
    time_all(benches, o.rounds, o.threads);

    std::printf("%dx%d, %d threads, best of %d rounds\n", o.width, o.height, o.threads, o.rounds);
    std::map<int, double> peaks;
    for (const Bench &bench : benches) {
        const int lanes = lanes_of(bench.target);
        if (peaks.count(lanes) == 0)
            peaks[lanes] = bench::multiply_add_gflops(lanes, 50);
        const double gflops = bench.call.flops() / bench.best_seconds / 1e9;
        std::printf("%-24s %-10s %9.3f ms %8.1f effective GF/s %5.0f%% of FMA peak (%d x %.0f)\n",
                    bench.pipeline.c_str(), bench.target.c_str(), bench.best_seconds * 1e3, gflops,
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
