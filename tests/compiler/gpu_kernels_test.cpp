// What is known of CUDA kernels without a GPU, from texts as Halide, ptxas and nvdisasm write them.
#include "compiler/gpu_kernels.h"

#include "compiler/gpu_work.h"
#include "tests/catch.h"

using namespace slimscale::generators;

TEST_CASE("a launch gives its threads and its shared memory") {
    const std::vector<Launch> found = launches(
        "let r = halide_cuda_run(cuda[0], \"_kernel_a\", t378, t377, 1, 4, 16, 2, 0, (void *)make_struct())\n"
        "let s = halide_cuda_run(cuda[0], \"_kernel_b\", 1, 1, 1, 16, 1, 1, 0 + (32*4) + 8, (void *)make_struct())\n"
        "let t = halide_cuda_run(cuda[0], \"_kernel_c\", 1, 1, 1, min(t1, 4), 1, 1, 0, (void *)make_struct())\n");
    REQUIRE(found.size() == 2);
    CHECK(found[0].kernel == "_kernel_a");
    CHECK(found[0].threads == 128);
    CHECK(found[0].shared_bytes == 0);
    CHECK(found[1].threads == 16);
    CHECK(found[1].shared_bytes == 136);
}

TEST_CASE("ptxas' words give registers, stack and spills by kernel") {
    const auto usage =
        ptxas_usage("ptxas info    : Compiling entry function '_kernel_a' for 'sm_86'\n"
                    "ptxas info    : Function properties for _kernel_a\n"
                    "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
                    "ptxas info    : Used 168 registers, used 0 barriers, 440 bytes cmem[0]\n"
                    "ptxas info    : Compiling entry function '_kernel_b' for 'sm_86'\n"
                    "    360 bytes stack frame, 872 bytes spill stores, 876 bytes spill loads\n"
                    "ptxas info    : Used 128 registers, used 0 barriers, 360 bytes cumulative stack size\n");
    REQUIRE(usage.size() == 2);
    CHECK(usage.at("_kernel_a").registers == 168);
    CHECK(usage.at("_kernel_a").stack_bytes == 0);
    CHECK(usage.at("_kernel_a").spill_bytes == 0);
    CHECK(usage.at("_kernel_b").stack_bytes == 360);
    CHECK(usage.at("_kernel_b").spill_bytes == 1748);
}

TEST_CASE("the hot loop is the innermost one with the most FFMA") {
    const auto loops = hot_loops(".text._kernel_a:\n"
                                 "        /*0000*/                   MOV R1, c[0x0][0x28] ;\n"
                                 ".L_x_0:\n"
                                 "        /*0010*/                   MOV R4, R3 ;\n"
                                 ".L_x_1:\n"
                                 "        /*0020*/                   LDG.E.128.CONSTANT R4, [R2.64] ;\n"
                                 "        /*0030*/                   FFMA R1, R2, R3, R1 ;\n"
                                 "        /*0040*/              @!P0 FFMA R1, R2, R4, R1 ;\n"
                                 "        /*0050*/              @!P0 BRA `(.L_x_1) ;\n"
                                 "        /*0060*/               @P1 BRA `(.L_x_2) ;\n"
                                 "        /*0070*/                   BRA `(.L_x_0) ;\n"
                                 ".L_x_2:\n"
                                 "        /*0080*/                   EXIT ;\n"
                                 ".L_x_3:\n"
                                 "        /*0090*/                   BRA `(.L_x_3);\n"
                                 ".text._kernel_b:\n"
                                 "        /*0000*/                   FADD R1, R2, R3 ;\n"
                                 "        /*0010*/                   EXIT ;\n");
    REQUIRE(loops.size() == 2);
    CHECK(loops.at("_kernel_a").instructions == 4);
    CHECK(loops.at("_kernel_a").ffma == 2);
    CHECK(loops.at("_kernel_a").loads == 1);
    CHECK(loops.at("_kernel_b").instructions == 2);
}

TEST_CASE("occupancy is what registers, threads, blocks and shared memory leave") {
    const auto of = [](int capability, const Launch &launch, int registers) {
        for (const Multiprocessor &multiprocessor : multiprocessors())
            if (multiprocessor.capability == capability)
                return occupancy(multiprocessor, launch, registers);
        return -1.;
    };
    CHECK(of(80, {"", 128, 0}, 168) == Approx(3 * 128 / 2048.));    // 168 x 32 = 21 units a warp: 12 warps
    CHECK(of(86, {"", 256, 0}, 32) == Approx(1));                   // 6 blocks: by threads
    CHECK(of(86, {"", 32, 0}, 32) == Approx(16 * 32 / 1536.));      // by blocks
    CHECK(of(75, {"", 128, 40 << 10}, 32) == Approx(128 / 1024.));  // by shared memory
    CHECK(of(90, {"", 1024, 0}, 255) == Approx(0));                 // does not fit
}

namespace {

constexpr double kPixels = 640 * 360;

Work work(const std::string &pipeline) {
    slimscale::contract::Pipeline parsed;
    REQUIRE(slimscale::contract::parse_pipeline(pipeline, parsed));
    return work_of(parsed);
}

}  // namespace

TEST_CASE("a pipeline's work is what its result needs and what its tensors hold") {
    CHECK(work("conv3x3_add_64_64").fma == Approx(kPixels * 9 * 64 * 64));
    CHECK(work("conv3x3_add_64_64").bytes == Approx(kPixels * 4 * 192));
    CHECK(work("conv1x1_32_64_n3").fma == Approx(kPixels * 3 * 32 * 64));
    CHECK(work("conv1x1_32_64_n3").bytes == Approx(kPixels * 4 * (3 * 32 + 64)));
    CHECK(work("head_3_64").fma == Approx(kPixels * 27 * 64));
    CHECK(work("tail4_64_3").fma == Approx(kPixels * 16 * 64 * 3));
    CHECK(work("winograd_product_128_256").fma == Approx(kPixels * 36 / 16 * 128 * 256));
    CHECK(work("winograd_product_128_256").bytes == Approx(kPixels * 4 * 36 / 16 * (128 + 256)));
    CHECK(work("winograd_input_128").bytes == Approx(kPixels * 4 * 128 * (1 + 36. / 16)));
    CHECK(work("winograd_output_add_128").bytes == Approx(kPixels * 4 * 128 * (2 + 36. / 16)));
    CHECK(work("attend_64").bytes == Approx(kPixels * 4 * 64 * 3));
    CHECK(work_of(slimscale::contract::pipeline(slimscale::contract::Block::load, 0, 3)).bytes == 0);
}
