// bench_pipelines over models for OpenCL, where there is such a device.
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <set>

#include <nlohmann/json.hpp>

#include "tests/catch.h"
#include "tests/compiler/command.h"

using namespace slimscale::test;

namespace {

const std::string kProgram = BENCH_PIPELINES;

}  // namespace

TEST_CASE("every pipeline of a frame is timed on the device, Winograd's three by their own names") {
    const TemporaryFolder folder;
    const std::string json = folder.path() + "/pipelines.json";
    const std::string options = " --model wide_edsr_x4 --targets opencl --width 21 --height 10 --rounds 2 --json ";
    const Finished finished = run("'" + kProgram + "'" + options + "'" + json + "'");
    INFO(finished.output);
    if (finished.output.find("OpenCL") != std::string::npos && finished.status != 0) {
        std::printf("[SKIP] %s\n", finished.output.c_str());
        return;
    }
    REQUIRE(finished.status == 0);
    const auto file = nlohmann::json::parse(file_bytes(json));
    CHECK(file.at("format") == "slimscale-pipelines");
    CHECK(file.at("format_version") == 1);
    std::set<std::string> pipelines;
    for (const auto &row : file.at("rows")) {
        CHECK(row.at("target") == "opencl");
        CHECK(row.at("device") != "");
        CHECK(row.at("microseconds") > 0);
        pipelines.insert(row.at("pipeline"));
    }
    for (const char *name : {"head_3_64", "conv3x3_64_64", "conv3x3_add_64_64", "tail4_64_3", "head_3_128",
                             "tail4_128_3", "winograd_input_128", "winograd_product_128_128", "winograd_output_128",
                             "winograd_output_add_128", "winograd_product_136_136"}) {
        INFO(name);
        CHECK(pipelines.count(name) == 1);
    }
    CHECK(pipelines.count("conv3x3_128_128") == 0);
}

TEST_CASE("without a model for a target one line says what to do") {
    const Finished finished = run("'" + kProgram + "' --targets no_target");
    CHECK(finished.status == 1);
    CHECK(finished.output.find("run: make generate TARGET=cuda") != std::string::npos);
}
