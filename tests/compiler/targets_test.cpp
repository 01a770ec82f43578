// The targets that a request stands for, and the pipelines that each gets.
#include "compiler/targets.h"

#include <set>

#include "compiler/model_plan.h"
#include "compiler/source.h"
#include "contract/model.h"
#include "tests/catch.h"

using namespace slimscale;
using namespace slimscale::generators;

namespace {

// "x86-64-linux: cuda avx2 baseline", or the error.
std::string targets_of(const std::string &names, bool calibrated = false) {
    const Result<std::vector<Target>> parsed = parse_targets(names, calibrated);
    if (!parsed)
        return parsed.error();
    const std::vector<Target> targets = with_cpu_targets(*parsed);
    std::string text = targets[0].platform + std::string(":");
    for (const Target &target : targets)
        text += std::string(" ") + target.name;
    return text;
}

contract::Pipeline pipeline(const std::string &name) {
    contract::Pipeline parsed;
    REQUIRE(contract::parse_pipeline(name, parsed));
    return parsed;
}

// The names of pipelines; "" where there is none.
template <typename Pipelines>
std::vector<std::string> names(const Pipelines &pipelines) {
    std::vector<std::string> all;
    all.reserve(pipelines.size());
    for (const std::optional<contract::Pipeline> one : pipelines)
        all.push_back(one ? name_of(*one).str() : "");
    return all;
}

const Target &target_called(const std::string &name) {
    for (const Target &target : all_targets())
        if (name == target.name)
            return target;
    throw std::runtime_error(name);
}

}  // namespace

TEST_CASE("targets come best first and bring the processor's along") {
    CHECK(targets_of("cpu") == "x86-64-linux: avx512 avx2 baseline");
    CHECK(targets_of("cpu", true) == "x86-64-linux: avx512_q16 avx512 avx2_q16 avx2 baseline");
    CHECK(targets_of("avx2_q16") == "x86-64-linux: avx2_q16");
    CHECK(targets_of("naive,avx2,avx2") == "x86-64-linux: avx2 naive");
    CHECK(targets_of("cuda") == "x86-64-linux: cuda avx2 baseline");
    CHECK(targets_of("vulkan,opencl,cuda_f16") == "x86-64-linux: cuda_f16 avx2 baseline opencl vulkan");
    CHECK(targets_of("naive,cuda") == "x86-64-linux: cuda naive");
    CHECK(targets_of("arm") == "arm-64-linux: neon");
    CHECK(targets_of("jetson") == "arm-64-linux: cuda neon");
    CHECK(targets_of("neon,cuda_f16") == "arm-64-linux: cuda_f16 neon");
    CHECK(targets_of("android") == "arm-64-android: neon opencl vulkan");
    CHECK(targets_of("neon,vulkan_f16") == "arm-64-android: neon vulkan_f16");
}

TEST_CASE("targets that no platform has together are refused") {
    CHECK(targets_of("cuda,opencl,neon").find("different processors") != std::string::npos);
    CHECK(targets_of("jetson,cuda").find("no target is called 'jetson'") != std::string::npos);
    CHECK(targets_of("").find("no target named") != std::string::npos);
}

TEST_CASE("no two of a platform's targets share a function") {
    for (const std::string &platform : platforms()) {
        std::set<std::string> names;
        size_t targets = 0;
        for (const Target &target : all_targets())
            if (target.platform == platform) {
                names.insert(function_name(pipeline("conv3x3_16_16"), target));
                targets++;
            }
        CHECK(names.size() == targets);
    }
    CHECK(function_name(pipeline("clear"), target_called("cuda_f16")) == "slimscale_clear_f16_cuda_f16");
}

TEST_CASE("a file is calibrated if its trained widths are") {
    Source source;
    source.trained = {16, 64};
    CHECK_FALSE(is_calibrated(source, {16, 64}));
    source.calibrated = {64};
    CHECK(is_calibrated(source, {64}));
    CHECK(is_calibrated(source, {32, 48, 64}));  // untrained ones do not count
    CHECK_FALSE(is_calibrated(source, {16, 64}));
    CHECK_FALSE(is_calibrated(source, {32, 48}));
    source.calibrated = {16, 64};
    CHECK(is_calibrated(source, {16, 32, 64}));
}

TEST_CASE("q16 targets share the pipelines that touch no activations with f32") {
    const Target &q16 = target_called("avx512_q16");
    CHECK(function_name(pipeline("conv3x3_add_16_16"), q16) == "slimscale_conv3x3_add_16_16_q16_avx512_q16");
    CHECK(function_name(pipeline("conv1x1_64_64_n2"), q16) == "slimscale_conv1x1_64_64_n2_q16_avx512_q16");
    CHECK(function_name(pipeline("tail4_16_3"), q16) == "slimscale_tail4_16_3_q16_avx512_q16");
    CHECK(function_name(pipeline("head_3_16"), target_called("avx2_q16")) == "slimscale_head_3_16_q16_avx2_q16");
    CHECK(function_name(pipeline("squeeze_excite_64_4"), q16) == "slimscale_squeeze_excite_64_4_f32_avx512");
}

TEST_CASE("int8 targets share all but 3x3 convolutions between features with bf16") {
    const Target &int8 = target_called("amx_int8");
    CHECK(function_name(pipeline("conv3x3_add_16_16"), int8) == "slimscale_conv3x3_add_16_16_int8_amx_int8");
    CHECK(function_name(pipeline("conv1x1_64_64_n2"), int8) == "slimscale_conv1x1_64_64_n2_bf16_amx_bf16");
    CHECK(function_name(pipeline("head_3_16"), int8) == "slimscale_head_3_16_bf16_amx_bf16");
    CHECK(halide_target(pipeline("conv3x3_16_16"), int8).find("sapphirerapids") != std::string::npos);
    CHECK(halide_target(pipeline("head_3_16"), int8).find("sapphirerapids") == std::string::npos);
    CHECK(targets_of("amx_int8,avx2") == "x86-64-linux: amx_int8 avx2");
}

TEST_CASE("devices get the pipelines for images behind those of the steps") {
    const Result<ModelPlan> planned = plan_model("test", *networks::preset("edsr_small", 3, 1), {8, 16});
    REQUIRE(planned.error() == "");
    const ModelPlan &plan = *planned;
    CHECK(names(plan.pipelines_of(target_called("avx2"))) == names(plan.pipelines));
    for (const char *name : {"cuda", "opencl", "vulkan_f16"}) {
        const std::vector<std::string> pipelines = names(plan.pipelines_of(target_called(name)));
        REQUIRE(pipelines.size() == plan.pipelines.size() + SLIMSCALE_IMAGE_PIPELINES);
        const auto image = [&](int which) { return pipelines[plan.pipelines.size() + static_cast<size_t>(which)]; };
        CHECK(image(SLIMSCALE_LOAD_U16) == "load_u16_1");
        CHECK(image(SLIMSCALE_STORE_U32) == "store_u32_1");
        CHECK(image(SLIMSCALE_CLEAR) == "clear");
    }
}

TEST_CASE("devices have Winograd's pipelines in place of wide convolutions, unless all are to be direct") {
    const networks::Network network = *networks::preset("edsr", 2, 3);
    const Result<ModelPlan> planned = plan_model("test", network, {120, 128});
    const Result<ModelPlan> planned_direct =
        plan_model("test", network, {120, 128}, networks::Tail::collapsed, Convolutions::direct);
    REQUIRE(planned.error() == "");
    REQUIRE(planned_direct.error() == "");
    const ModelPlan &plan = *planned, &direct = *planned_direct;
    const std::vector<std::string> of_direct = names(direct.pipelines_of(target_called("cuda")));
    CHECK(of_direct.size() == plan.pipelines.size() + SLIMSCALE_IMAGE_PIPELINES);
    CHECK(direct.winograd.empty());
    CHECK(names(plan.pipelines_of(target_called("avx2"))) == names(plan.pipelines));

    const std::vector<std::string> pipelines = names(plan.pipelines_of(target_called("vulkan_f16")));
    CHECK(std::set<std::string>(pipelines.begin() + static_cast<ptrdiff_t>(of_direct.size()), pipelines.end()) ==
          std::set<std::string>{"winograd_input_128", "winograd_product_128_128", "winograd_output_128",
                                "winograd_output_add_128"});
    REQUIRE(plan.winograd.size() == plan.pipelines.size());
    for (size_t i = 0; i < plan.pipelines.size(); i++) {
        const std::string name = name_of(plan.pipelines[i]).str();
        const slimscale_winograd &three = plan.winograd[i];
        INFO(name);
        const bool add = name == "conv3x3_add_128_128", wide = add || name == "conv3x3_128_128";
        CHECK(pipelines[i] == (wide ? "" : name));
        CHECK((three.input >= 0) == wide);
        if (wide) {
            CHECK(pipelines[static_cast<size_t>(three.input)] == "winograd_input_128");
            CHECK(pipelines[static_cast<size_t>(three.product)] == "winograd_product_128_128");
            CHECK(pipelines[static_cast<size_t>(three.output)] ==
                  (add ? "winograd_output_add_128" : "winograd_output_128"));
        }
    }
}
