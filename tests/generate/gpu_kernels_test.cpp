// What is read of CUDA kernels without a GPU, on texts as Halide, ptxas and nvdisasm write them.
#include "generators/driver/gpu_kernels.h"

#include "generators/driver/gpu_model.h"
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
    const auto usage = ptxas_usage(
        "ptxas info    : Compiling entry function '_kernel_a' for 'sm_86'\n"
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
    const auto loops = hot_loops(
        ".text._kernel_a:\n"
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
    const auto of = [](int capability, Launch launch, int registers) {
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

TEST_CASE("passes of L1 follow from where a warp's threads lie") {
    CHECK(conv3x3_l1_passes(64) == 36 * 2 + 18 * 4);  // 16 threads on the same pixels, 8 on a line of filters
    CHECK(conv3x3_l1_passes(256) == 36 * 2 + 18 * 4);
    CHECK(conv3x3_l1_passes(16) == 36 * 8 + 18 * 4);  // 4 threads on the same pixels
    CHECK(conv3x3_l1_passes(48) == 36 * 4 + 18 * 6);  // 12: halves and quarters of a warp straddle
}

TEST_CASE("a bound is the scarcest of issue, L1 and memory") {
    const HotLoop loop{1280, 1152, 54};
    const Gpu wide{"", 86, 10, 128, 1, 1e6}, slow{"", 86, 10, 128, 1, 1}, narrow{"", 80, 10, 64, 1, 1e6};
    CHECK(conv3x3_bound(wide, loop, 64, 64, false).share == Approx(0.9));
    CHECK(conv3x3_bound(wide, loop, 64, 64, false).limit == std::string("issue"));
    CHECK(conv3x3_bound(wide, loop, 16, 16, false).share == Approx(288. / 360));
    CHECK(conv3x3_bound(wide, loop, 16, 16, false).limit == std::string("L1"));
    CHECK(conv3x3_bound(narrow, loop, 64, 64, false).share == 1);  // two clocks for a warp's FFMA
    const Bound bound = conv3x3_bound(slow, loop, 64, 64, true);
    CHECK(bound.limit == std::string("memory"));
    CHECK(bound.microseconds == Approx(640 * 360 * 4 * 192 / 1e9 * 1e6));
}
