// Calls are packed in the declared order, and refused if an argument is missing or belongs to another pipeline.
#include "contract/call.h"

#include <string>

#include "tests/catch.h"

using namespace slimscale::contract;

// Stands for Halide's struct, of which only the address matters here.
struct halide_buffer_t {
    int number;
};

namespace {

PipelineKey key_of(const char *name, const char *target) {
    PipelineKey key;
    REQUIRE(parse_pipeline(name, key.pipeline));
    REQUIRE(parse_target(target, key.target));
    return key;
}

struct Attention {
    halide_buffer_t input{}, factor{}, addend{}, output{};
    Call call;

    Attention() {
        call.input[0] = &input;
        call.base[0] = 1;
        call.ring[0] = 2;
        call.factor = &factor;
        call.addend = &addend;
        call.add_base = 3;
        call.add_ring = 4;
        call.row0 = 5;
        call.output = &output;
    }
};

}  // namespace

TEST_CASE("a call's arguments come in the declared order behind the context") {
    const PipelineKey key = key_of("attend_16", "avx2");
    Attention a;
    int context = 0;
    void *pointers[kMostArguments];
    REQUIRE(pack(key, a.call, &context, pointers) == nullptr);
    REQUIRE(argument_count(key) == 9);
    CHECK(pointers[0] == &context);
    CHECK(pointers[1] == &a.input);
    CHECK(*static_cast<int *>(pointers[2]) == 1);
    CHECK(*static_cast<int *>(pointers[3]) == 2);
    CHECK(pointers[4] == &a.factor);
    CHECK(pointers[5] == &a.addend);
    CHECK(*static_cast<int *>(pointers[6]) == 3);
    CHECK(*static_cast<int *>(pointers[7]) == 4);
    CHECK(*static_cast<int *>(pointers[8]) == 5);
    CHECK(pointers[9] == &a.output);
}

TEST_CASE("what is missing is named, and what is too much is noticed") {
    const PipelineKey key = key_of("attend_16", "avx2");
    void *pointers[kMostArguments];
    Attention lacking;
    lacking.call.add_ring = Slot<int32_t>{};
    CHECK(std::string(pack(key, lacking.call, nullptr, pointers)) == "add_ring");
    Attention full;
    full.call.height = 7;
    CHECK(std::string(pack(key, full.call, nullptr, pointers)) == "an argument of another pipeline");
}

TEST_CASE("arguments differ by addend, segments, data type and device") {
    const auto count = [](const char *name, const char *target) { return argument_count(key_of(name, target)); };
    CHECK(count("conv3x3_16_16", "avx2") == 9);
    CHECK(count("conv3x3_add_16_16", "avx2") == 12);
    CHECK(count("conv3x3_16_16", "avx2_q16") == 11);
    CHECK(count("conv3x3_add_16_16", "cuda_f16") == 12);
    CHECK(count("conv1x1_16_16_n1", "avx2") == 9);
    CHECK(count("conv1x1_add_16_16_n4", "avx2") == 21);
    CHECK(count("conv1x1_add_16_16_n4", "avx2_q16") == 23);
    CHECK(count("head_3_16", "neon") == 8);
    CHECK(count("winograd_output_add_128", "vulkan") == 8);
    for (const BlockNames &names : kBlockNames) {
        Pipeline most = pipeline(names.block, 8, 8);
        most.segments = kMostSegments;
        most.add = true;
        CHECK(argument_count({most, {Device::cpu, Isa::avx2, DataType::q16}}) < kMostArguments);
    }
}

TEST_CASE("fixed point and stored types follow from the declarations") {
    CHECK(has_q16(Block::conv3x3));
    CHECK(has_q16(Block::conv1x1));
    for (Block block :
         {Block::head, Block::tail, Block::row_sum, Block::squeeze_excite, Block::attend, Block::conv3x3_direct})
        CHECK_FALSE(has_q16(block));
    CHECK(stores_activations(Block::head));
    CHECK(stores_activations(Block::row_sum));
    CHECK_FALSE(stores_activations(Block::squeeze_excite));
    CHECK_FALSE(stores_activations(Block::winograd_product));
}
