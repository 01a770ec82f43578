// Every pipeline that a program can call has a generator; other names are refused with a sentence.
#include "generators/blocks/blocks.h"
#include "networks/networks.h"
#include "networks/program.h"
#include "tests/catch.h"
#include "tests/networks/lowered.h"

namespace {

using namespace slimscale;
using contract::DataType;
using contract::Schedule;

TEST_CASE("a pipeline's name gives its generator and parameters", "[names]") {
    const Result<blocks::Block> b = blocks::block("conv1x1_add_64_48_n3");
    REQUIRE(b.error() == "");
    CHECK(b->generator == "conv1x1");
    CHECK(b->params == std::map<std::string, std::string>{
                           {"cin", "64"}, {"cout", "48"}, {"segments", "3"}, {"add", "true"}, {"schedule", "fast"}});
    CHECK(blocks::block("squeeze_excite_64_4", Schedule::naive)->params ==
          std::map<std::string, std::string>{{"cin", "64"}, {"cout", "4"}, {"schedule", "naive"}});
    CHECK(blocks::block("tail4_64_3")->generator == "tail");
    CHECK(blocks::block("tail4_64_3")->params ==
          std::map<std::string, std::string>{{"taps", "4"}, {"cin", "64"}, {"cout", "3"}, {"schedule", "fast"}});
    CHECK(blocks::block("conv3x3_16_16", Schedule::fast)->generator == "conv3x3");
    CHECK(blocks::block("conv3x3_16_16", Schedule::gpu)->generator == "conv3x3_direct");
}

TEST_CASE("Winograd's pipelines are three, and the product knows no activations", "[names]") {
    CHECK(blocks::block("winograd_input_128", Schedule::gpu, DataType::f16)->params ==
          std::map<std::string, std::string>{{"cin", "128"}, {"schedule", "gpu"}, {"storage", "f16"}});
    CHECK(blocks::block("winograd_product_128_256", Schedule::gpu, DataType::f16)->params ==
          std::map<std::string, std::string>{{"cin", "128"}, {"cout", "256"}, {"schedule", "gpu"}});
    CHECK(blocks::block("winograd_output_add_128", Schedule::gpu)->params ==
          std::map<std::string, std::string>{{"cout", "128"}, {"add", "true"}, {"schedule", "gpu"}});
    CHECK(blocks::block("winograd_output_128", Schedule::gpu)->generator == "winograd_output");
    CHECK(blocks::block("winograd_product_128", Schedule::gpu).error() != "");
    CHECK(blocks::block("winograd_input_128", Schedule::fast).error() != "");
}

TEST_CASE("storage is a parameter of the pipelines that touch activations", "[names]") {
    CHECK(blocks::block("tail_16_3", Schedule::gpu, DataType::f16)->params.at("storage") == "f16");
    CHECK(blocks::block("tail_16_3", Schedule::gpu, DataType::f32)->params.count("storage") == 0);
    CHECK(blocks::block("squeeze_excite_64_4", Schedule::gpu, DataType::f16)->params ==
          blocks::block("squeeze_excite_64_4", Schedule::gpu)->params);
    CHECK(blocks::block("store_u8_3", Schedule::gpu, DataType::f16).error() == "");
    CHECK(blocks::block("tail_16_3", Schedule::fast, DataType::f16).error() != "");
    CHECK(blocks::block("tail_16_3", Schedule::fast, DataType::q16)->params ==
          std::map<std::string, std::string>{{"cin", "16"}, {"cout", "3"}, {"schedule", "fast"}, {"storage", "f16"}});
    CHECK(blocks::block("conv3x3_16_16", Schedule::fast, DataType::q16)->params.at("storage") == "f16");
    CHECK(blocks::block("conv3x3_16_16", Schedule::fast, DataType::q16)->params.at("q16") == "true");
    CHECK(blocks::block("squeeze_excite_64_4", Schedule::fast, DataType::q16).error() != "");
}

TEST_CASE("pipelines of images have the type and the colors of their names", "[names]") {
    CHECK(blocks::block("store_u16_3", Schedule::gpu)->params ==
          std::map<std::string, std::string>{
              {"words.type", "uint16,uint16,uint16,uint16"}, {"cin", "3"}, {"schedule", "gpu"}});
    CHECK(blocks::block("load_u32_1", Schedule::gpu)->params.at("component.type") == "uint32");
    CHECK(blocks::block("clear", Schedule::gpu)->generator == "clear");
    for (const char *name : {"load_u8_2", "load_f32_3", "store_u64_1", "clear_1"}) {
        CAPTURE(name);
        CHECK(blocks::block(name, Schedule::gpu).error() != "");
    }
}

TEST_CASE("every step of every preset has a block", "[names]") {
    for (const std::string &preset : networks::preset_names()) {
        for (int scale : {1, 2, 3, 4}) {
            const auto network = networks::preset(preset, scale);
            if (!network)
                continue;
            for (int channels : networks::widths(*network)) {
                for (const networks::Step &step : networks::lowered(*network, channels).steps) {
                    CAPTURE(preset, channels);
                    const contract::Pipeline pipeline = networks::pipeline_of(step);
                    contract::Pipeline parsed;
                    CHECK(blocks::block(pipeline).error() == "");
                    REQUIRE(contract::parse_pipeline(networks::pipeline_name(step), parsed));
                    CHECK(parsed == pipeline);
                }
            }
        }
    }
}

TEST_CASE("names that are no pipeline's are refused", "[names]") {
    for (const char *name : {"", "conv3x3", "conv3x3_16", "conv3x3_16_16_", "conv1x1_16_16_n5", "conv3x3_12_16",

                             "head_2_16", "tail5_16_3", "tail4_16_2", "tail_skip5_16_3", "tail_skip0_16_3",
                             "tail_skip1_16_3", "conv3x3_99999_16", "squeeze_excite_16_0"}) {
        CAPTURE(name);
        CHECK(blocks::block(name).error() != "");
    }
}

}  // namespace
