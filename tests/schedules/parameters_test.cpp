// Blockings: names of works, text, limits, and the rules.
#include "schedules/parameters.h"

#include "schedules/tables.h"
#include "tests/catch.h"

using namespace slimscale::schedules;
using slimscale::contract::Block;
using slimscale::contract::pipeline;

namespace {

const char *const kTargets[] = {"x86-64-linux", "x86-64-linux-sse41-avx-f16c-fma-avx2",
                                "x86-64-linux-sse41-avx-f16c-fma-avx2-avx512-avx512_skylake", "arm-64-linux"};
const char *const kIsas[] = {"baseline", "avx2", "avx512", "neon"};

Work work_of(const std::string &pipeline) {
    Work work;
    REQUIRE(parse_work(pipeline, work));
    return work;
}

std::string error_of(const std::string &text, const std::string &pipeline, const std::string &isa) {
    const Work work = work_of(pipeline);
    const slimscale::Result<Blocking> blocking = parse_blocking(text, work.block);
    return blocking ? check_blocking(*blocking, work, *find_isa(isa)).error() : blocking.error();
}

}  // namespace

TEST_CASE("names say what is computed") {
    for (const char *name : {"conv3x3_64_48", "conv1x1_64_48_n3", "head_3_16", "tail_64_1", "tail4_64_3"})
        CHECK(name_of(work_of(name)).str() == name);
    CHECK(name_of(work_of("conv3x3_add_64_64")).str() == "conv3x3_64_64");
    CHECK(name_of(work_of("conv1x1_add_8_16_n4")).str() == "conv1x1_8_16_n4");
    for (const char *name : {"", "conv3x3", "conv3x3_64", "conv3x3_64_64_n2", "conv1x1_64_64", "conv1x1_8_8_n5",
                             "squeeze_excite_64_4", "head_add_3_16", "conv3x3_99999_8", "conv3x3_0_8"}) {
        CAPTURE(name);
        Work work;
        CHECK_FALSE(parse_work(name, work));
    }
}

TEST_CASE("rules give legal blockings on every ISA, and text gives them back") {
    for (size_t t = 0; t < std::size(kTargets); t++)
        for (Block block : {Block::conv3x3, Block::conv1x1, Block::head, Block::tail})
            for (int channels = 8; channels <= 264; channels += 8)
                for (int colors : {1, 3}) {
                    const Halide::Target target(kTargets[t]);
                    const bool is_tail = block == Block::tail, is_head = block == Block::head;
                    const Work work = pipeline(block, is_head ? colors : channels, is_tail ? colors : channels);
                    const Blocking ruled = ruled_blocking(work, target);
                    CAPTURE(kTargets[t], channels, text_of(ruled, block));
                    REQUIRE(isa_of(target).name == kIsas[t]);
                    REQUIRE(check_blocking(ruled, work, isa_of(target)).error() == "");
                    const auto parsed = parse_blocking(text_of(ruled, block), block);
                    REQUIRE(parsed.error() == "");
                    REQUIRE(same(*parsed, ruled, block));
                }
}

TEST_CASE("what a schedule cannot do, or what spills, is refused with a sentence") {
    const std::string rest = " strip=32 unroll=4 order=groups";
    CHECK(error_of("lanes=16 vectors=1 tiles=8" + rest, "conv3x3_64_64", "avx512") == "");
    CHECK(error_of("lanes=8 vectors=1 tiles=8" + rest, "conv3x3_64_64", "avx512") == "");
    CHECK(error_of("lanes=16 vectors=1 tiles=8" + rest, "conv3x3_64_64", "avx2") ==
          "16 lanes are more than a vector of avx2 has");
    CHECK(error_of("lanes=8 vectors=2 tiles=8" + rest, "conv3x3_64_64", "avx2") ==
          "the register tile takes 19 registers of 16: use fewer vectors, tiles or pixels");
    CHECK(error_of("lanes=8 vectors=3 tiles=4" + rest, "conv3x3_64_64", "avx2") ==
          "64 output channels are no multiple of 24, lanes times vectors");
    CHECK(error_of("lanes=8 vectors=3 tiles=3" + rest, "conv3x3_24_24", "avx2") == "strip is no multiple of tiles");
    CHECK(error_of("lanes=8 vectors=3 pixels=4 unroll=4", "conv1x1_24_24_n1", "avx2") == "");
    CHECK(error_of("lanes=8 vectors=3 pixels=4 unroll=4", "conv1x1_48_48_n1", "avx2") ==
          "groups of 24 channels straddle the filter's blocks of 16");
    CHECK(error_of("lanes=8 pixels=4 unroll=2", "tail_24_3", "avx2") ==
          "unroll does not divide the vectors of input channels");
    CHECK(error_of("lanes=16 pixels=4 unroll=1", "tail_24_3", "avx512") ==
          "24 input channels are no multiple of lanes");
}

TEST_CASE("text that is no blocking is refused with what would do") {
    CHECK(error_of("lanes=16 vectors=1 pixels=3", "head_3_64", "avx512") == "pixels is '3': use 1, 2, 4");
    CHECK(error_of("lanes=16 vectors=1", "head_3_64", "avx512") == "pixels is missing: use 1, 2, 4");
    CHECK(error_of("lanes=16 lanes=8 vectors=1 pixels=4", "head_3_64", "avx512") == "lanes is given twice");
    CHECK(error_of("lanes=16 vectors=1 pixels=4 strip=8", "head_3_64", "avx512") ==
          "'strip=8' is no parameter of head");
    CHECK(error_of("lanes", "head_3_64", "avx512") == "'lanes' is no parameter of head");
    CHECK(error_of("lanes=8 vectors=1 tiles=4 strip=32 unroll=4 order=rows", "conv3x3_8_8", "avx2") ==
          "order is 'rows': use tiles, groups");
    CHECK(error_of("lanes=-8 vectors=1 pixels=4", "head_3_64", "avx2") == "lanes is '-8': use 4, 8, 16");
}

TEST_CASE("all legal blockings are legal, distinct, and hold the rule's") {
    const Work work = work_of("conv3x3_48_48");
    const std::vector<Blocking> all = legal_blockings(work, *find_isa("avx2"));
    CHECK(all.size() > 100);
    bool has_ruled = false;
    for (size_t i = 0; i < all.size(); i++) {
        REQUIRE(check_blocking(all[i], work, *find_isa("avx2")).error() == "");
        REQUIRE((i == 0 || !same(all[i], all[i - 1], work.block)));
        has_ruled |= same(all[i], ruled_blocking(work, Halide::Target(kTargets[1])), work.block);
    }
    CHECK(has_ruled);
}
