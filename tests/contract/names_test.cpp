// Names of pipelines, targets and functions are printed and parsed back, and everything else is refused.
#include <set>
#include <string>
#include <vector>

#include "contract/arguments.h"
#include "tests/catch.h"

using namespace slimscale::contract;

namespace {

constexpr Target kTargets[] = {
#define SLIMSCALE_TARGET(device, isa, type, platform, schedule, brought_by, features) \
    {Device::device, Isa::isa, DataType::type},
#include "contract/targets.inc"
};

// Every variant of every block, with a few numbers.
std::vector<Pipeline> many_pipelines() {
    std::vector<Pipeline> all;
    for (const BlockNames &names : kBlockNames) {
        if (names.prefix.empty())
            continue;
        const auto flags = [&](const char *field) { return has_field(names.block, field) ? 2 : 1; };
        for (int add = 0; add < flags("add"); add++)
            for (int prelu = 0; prelu < flags("prelu"); prelu++)
                for (int skip = 0; skip < (has_field(names.block, "skip") ? 5 : 1); skip++)
                    for (int taps = 3; taps < 3 + flags("taps"); taps++)
                        for (int n = 1; n <= (has_field(names.block, "segments") ? 4 : 1); n++) {
                            Pipeline p = pipeline(names.block, has_field(names.block, "in") ? 8 * n : 0,
                                                  has_field(names.block, "out") ? 1016 : 0);
                            p.add = add == 1;
                            p.activation = prelu == 1 ? Activation::prelu : Activation::none;
                            p.skip = skip;
                            p.taps = taps;
                            p.segments = n;
                            p.sample = has_field(names.block, "sample") ? Sample::u16 : Sample::none;
                            all.push_back(p);
                        }
    }
    return all;
}

}  // namespace

TEST_CASE("a pipeline's name is printed and parsed back, and no two are the same") {
    std::set<std::string> names;
    for (const Pipeline &p : many_pipelines()) {
        const std::string name = name_of(p).str();
        CAPTURE(name);
        CHECK(names.insert(name).second);
        Pipeline parsed;
        REQUIRE(parse_pipeline(name, parsed));
        CHECK(parsed == p);
    }
    CHECK(names.size() >= 29);
}

TEST_CASE("names are the ones that archives, tables and commands have") {
    Pipeline p = pipeline(Block::conv1x1, 64, 48);
    p.segments = 3;
    CHECK(name_of(p).str() == "conv1x1_64_48_n3");
    p.add = true;
    CHECK(name_of(p).str() == "conv1x1_add_64_48_n3");
    Pipeline tail = pipeline(Block::tail, 64, 3);
    CHECK(name_of(tail).str() == "tail_64_3");
    tail.taps = 4;
    CHECK(name_of(tail).str() == "tail4_64_3");
    tail.skip = 1;
    CHECK(name_of(tail).str() == "tail4_skip_64_3");
    tail.skip = 2;
    CHECK(name_of(tail).str() == "tail4_skip2_64_3");
    Pipeline conv = pipeline(Block::conv3x3, 16, 16);
    conv.activation = Activation::prelu;
    conv.add = true;
    CHECK(name_of(conv).str() == "conv3x3_prelu_add_16_16");
    CHECK(name_of(pipeline(Block::clear, 0)).str() == "clear");
}

TEST_CASE("texts that are no pipeline's name are refused and leave the value alone") {
    for (const char *text : {"",
                             "conv3x3",
                             "conv3x3_16",
                             "conv3x3_16_16_",
                             "_conv3x3_16_16",
                             "conv3x3_16_16 ",
                             "conv3x3__16_16",
                             "conv3x3_-8_8",
                             "conv3x3_016_16",
                             "conv3x3_99999_16",
                             "conv3x3_add_prelu_16_16",
                             "conv3x3_direct_16_16",
                             "conv1x1_16_16",
                             "conv1x1_16_16_n",
                             "tail5_16_3",
                             "tail_skip0_16_3",
                             "tail_skip1_16_3",
                             "tail_skipx_16_3",
                             "load_u64_3",
                             "load_3",
                             "clear_1",
                             "CONV3X3_16_16",
                             "winograd_product_128"}) {
        CAPTURE(text);
        Pipeline p = pipeline(Block::squeeze_excite, 7, 9);
        CHECK_FALSE(parse_pipeline(text, p));
        CHECK(p == pipeline(Block::squeeze_excite, 7, 9));
    }
}

TEST_CASE("a target's name is printed and parsed back") {
    for (const Target &target : kTargets) {
        Target parsed;
        const std::string name = name_of(target).str();
        CAPTURE(name);
        REQUIRE(parse_target(name, parsed));
        CHECK(parsed == target);
    }
    CHECK(name_of(Target{Device::cpu, Isa::avx512, DataType::q16}).str() == "avx512_q16");
    CHECK(name_of(Target{Device::cuda, Isa::none, DataType::f16}).str() == "cuda_f16");
    for (const char *text : {"", "cpu", "avx3", "avx512_", "avx512_f32", "_q16", "q16", "avx512_q16_", "avx2 "}) {
        CAPTURE(text);
        Target target{Device::opencl, Isa::none, DataType::f16};
        CHECK_FALSE(parse_target(text, target));
        CHECK(target.device == Device::opencl);
    }
}

TEST_CASE("a function's name holds the pipeline and the target") {
    for (const Pipeline &p : many_pipelines())
        for (const Target &target : kTargets) {
            const PipelineKey key{p, target};
            const std::string name = name_of(key).str();
            CAPTURE(name);
            PipelineKey parsed;
            REQUIRE(parse_key(name, parsed));
            CHECK(parsed == key);
        }
    PipelineKey key;
    CHECK_FALSE(parse_key("slimscale_conv3x3_16_16_f32_avx2_q16", key));  // the types must agree
    CHECK_FALSE(parse_key("conv3x3_16_16_f32_avx2", key));
    CHECK_FALSE(parse_key("slimscale_conv3x3_16_16_f32", key));
}
