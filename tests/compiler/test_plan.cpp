// Compares the tables of compiled archives with the lowering that they were written from, field by field.
#include "contract/blob_format.h"
#include "contract/model.h"
#include "networks/program.h"
#include "slimscale/slimscale.h"
#include "tests/catch.h"
#include "tests/networks/lowered.h"
#include "weights/model_file.h"
#include "weights/pack.h"

#include <cstring>
#include <set>

using namespace slimscale;

extern "C" const slimscale_model *const slimscale_models[];

namespace {

weights::ModelFile source_of(const slimscale_model &model) {
    const std::string folder = SLIMSCALE_SOURCE_DIR "/tests/golden/data/";
    const auto file = weights::load_model(folder + model.name + ".safetensors");
    if (!file)
        throw std::runtime_error(file.error());
    return *file;
}

void check_step(const slimscale_step &got, const networks::Step &want, const slimscale_model &model) {
    CHECK(got.kind == static_cast<int>(want.kind));
    CHECK(model.pipeline_names[got.pipeline] == networks::pipeline_name(want));
    CHECK(got.cin == want.cin);
    CHECK(got.cout == want.cout);
    CHECK(got.groups == want.groups);
    CHECK(got.shuffle == want.shuffle);
    CHECK((got.relu != 0) == want.relu);
    REQUIRE(got.input_count == static_cast<int>(want.inputs.size()));
    for (int i = 0; i < got.input_count; i++)
        CHECK(got.inputs[i] == want.inputs[static_cast<size_t>(i)]);
    CHECK(got.add == want.add);
    CHECK(got.output == want.output);
    CHECK(got.filter == want.filter);
    CHECK(got.filter2 == want.filter2);
    CHECK(got.segment_stride == want.segment_stride);
    CHECK(got.input_scale == want.input_scale);
}

void check_width(const slimscale_network_plan &got, const networks::Program &want, const slimscale_model &model) {
    REQUIRE(got.tensor_count == static_cast<int>(want.tensors.size()));
    REQUIRE(got.step_count == static_cast<int>(want.steps.size()));
    CHECK((got.whole_frame != 0) == want.whole_frame);
    for (size_t i = 0; i < want.tensors.size(); i++) {
        CHECK(got.tensors[i].channels == want.tensors[i].channels);
        CHECK(got.tensors[i].scale == want.tensors[i].scale);
        CHECK(got.tensors[i].rank == want.tensors[i].rank);
    }
    for (size_t i = 0; i < want.steps.size(); i++)
        check_step(got.steps[i], want.steps[i], model);
}

}  // namespace

TEST_CASE("plans are what the networks lower to, narrowest width first") {
    for (const slimscale_model *const *entry = slimscale_models; *entry; entry++) {
        const slimscale_model &model = **entry;
        INFO(model.name);
        const networks::Network network = source_of(model).network;
        const std::vector<int> widths = networks::widths(network);
        REQUIRE(model.plan_count == static_cast<int>(widths.size()));
        for (int i = 0; i < model.plan_count; i++) {
            CHECK(model.plans[i].channels == widths[static_cast<size_t>(i)]);
            CHECK(model.channels[i] == model.plans[i].channels);
            check_width(model.plans[i], networks::lowered(network, model.plans[i].channels), model);
        }
    }
}

TEST_CASE("a model says what it is, and each pipeline is there once for every target") {
    for (const slimscale_model *const *entry = slimscale_models; *entry; entry++) {
        const slimscale_model &model = **entry;
        INFO(model.name);
        const networks::Network network = source_of(model).network;
        CHECK(model.abi == SLIMSCALE_MODEL_ABI);
        CHECK(model.network == network.name);
        CHECK(model.scale == network.scale);
        CHECK(model.colors == network.colors);
        CHECK(model.max_channels == network.channels);
        const std::set<std::string> names(model.pipeline_names, model.pipeline_names + model.pipeline_count);
        CHECK(names.size() == static_cast<size_t>(model.pipeline_count));
        std::set<slimscale_pipeline> functions;
        for (int target = 0; target < model.target_count; target++) {
            CHECK(std::string(model.target_names[target]) == model.targets[target].name);
            functions.insert(model.targets[target].pipelines, model.targets[target].pipelines + model.pipeline_count);
        }
        CHECK(functions.size() == names.size() * static_cast<size_t>(model.target_count));
    }
}

TEST_CASE("the linked weights are the packed file, aligned for use in place") {
    for (const slimscale_model *const *entry = slimscale_models; *entry; entry++) {
        const slimscale_model &model = **entry;
        INFO(model.name);
        const auto blob = weights::pack(source_of(model), {model.channels, model.channels + model.plan_count});
        REQUIRE(blob);
        REQUIRE(model.blob_size == blob->size());
        CHECK(std::memcmp(model.blob, blob->data(), blob->size()) == 0);
        CHECK(reinterpret_cast<uintptr_t>(model.blob) % kBlobAlignment == 0);
    }
}
