// Compares the contract with compiled pipelines: with Halide's metadata of every kind of pipeline, in every data type,
// on CPUs and devices, and with what each generator promises of its buffers.
#include <Halide.h>
#include <dlfcn.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "contract/arguments.h"
#include "generators/blocks/blocks.h"
#include "tests/catch.h"
#include "tests/compiler/command.h"
#include "tests/compiler/every_pipeline.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

using contract::Argument;
using contract::DataType;
using contract::Dimension;
using contract::Element;
using contract::PipelineKey;
using contract::Schedule;
using Halide::Parameter;
using Halide::Internal::as_const_int;
using Halide::Internal::GeneratorRegistry;

struct Variation {
    contract::Target target;
    Schedule schedule;
    const char *features;
};

const Variation kVariations[] = {
    {{contract::Device::cpu, contract::Isa::naive, DataType::f32}, Schedule::naive, ""},
    {{contract::Device::cpu, contract::Isa::naive, DataType::q16}, Schedule::naive, "-sse41-avx-f16c"},
    {{contract::Device::cpu, contract::Isa::amx, DataType::bf16}, Schedule::fast, "-avx512_sapphirerapids"},
    {{contract::Device::cpu, contract::Isa::amx, DataType::int8}, Schedule::fast, "-avx512_sapphirerapids"},
    {{contract::Device::opencl, contract::Isa::none, DataType::f32}, Schedule::gpu, "-opencl"},
    {{contract::Device::vulkan, contract::Isa::none, DataType::f16},
     Schedule::gpu,
     "-vulkan-vk_int8-vk_int16-vk_float16-vk_v13"},
};

halide_type_t type_of(const Argument &argument, const PipelineKey &key) {
    const auto float_of = [](uint8_t bits) { return halide_type_t(halide_type_float, bits); };
    const halide_type_t bf16(halide_type_bfloat, 16);
    const DataType type = key.target.type, stored = contract::stored_type(type);
    if (argument.kind == contract::Kind::integer)
        return halide_type_t(halide_type_int, 32);
    if (argument.kind == contract::Kind::number)
        return float_of(32);
    switch (argument.element) {
    case Element::stored:
        return stored == DataType::bf16 ? bf16 : float_of(stored == DataType::f16 ? 16 : 32);
    case Element::bf16:
        return bf16;
    case Element::int8:
        return halide_type_t(halide_type_int, 8);
    case Element::weights:
        return type == DataType::q16 ? halide_type_t(halide_type_int, 16) : float_of(32);
    case Element::word:
        return halide_type_t(halide_type_uint, 32);
    case Element::sample:
        return halide_type_t(halide_type_uint, key.pipeline.sample == contract::Sample::u8    ? 8
                                               : key.pipeline.sample == contract::Sample::u16 ? 16
                                                                                              : 32);
    case Element::f32:
        break;
    }
    return float_of(32);
}

// One compiled pipeline, which is loaded for its metadata and not called.
class Compiled {
public:
    Compiled(const PipelineKey &key, const Variation &variation) {
        const Result<blocks::Block> block = blocks::block(key.pipeline, variation.schedule, key.target.type);
        REQUIRE(block.error() == "");
        const Halide::Target target("x86-64-linux-no_runtime-user_context" + std::string(variation.features));
        generator_ = GeneratorRegistry::create(block->generator, Halide::GeneratorContext(target));
        REQUIRE(generator_);
        for (const auto &[name, value] : block->params)
            generator_->set_generatorparam_value(name, value);
        const std::string object = folder_.path() + "/pipeline.o", library = folder_.path() + "/pipeline.so";
        generator_->build_module("pipeline").compile({{Halide::OutputFileType::object, object}});
        REQUIRE(run("gcc -shared '" + object + "' -o '" + library + "'").status == 0);
        library_ = dlopen(library.c_str(), RTLD_LAZY | RTLD_LOCAL);
        REQUIRE(library_ != nullptr);
    }
    ~Compiled() { dlclose(library_); }

    const halide_filter_metadata_t &metadata() const {
        using Get = const halide_filter_metadata_t *(*)();
        const auto get = reinterpret_cast<Get>(dlsym(library_, "pipeline_metadata"));
        REQUIRE(get != nullptr);
        return *get();
    }
    // `output`: which of the outputs, or -1 for an input. Outputs of several values are "<name>.<number>", elements of
    // arrays of inputs "<name>_<number>".
    Parameter parameter(const std::string &name, int output) {
        if (output >= 0)
            return generator_->output_func(name.substr(0, name.find('.')))[0]
                .function()
                .output_buffers()[static_cast<size_t>(output)];
        for (const auto &declared : generator_->arginfos())
            if (declared.name == name)
                return generator_->input_parameter(name)[0];
        const size_t number = name.rfind('_');
        return generator_->input_parameter(name.substr(0, number))[std::stoul(name.substr(number + 1))];
    }

private:
    TemporaryFolder folder_;
    std::unique_ptr<Halide::Internal::AbstractGenerator> generator_;
    void *library_ = nullptr;
};

bool holds(const Halide::Expr &expr, int value) {
    const auto number = expr.defined() ? as_const_int(expr) : std::nullopt;
    return number && *number == value;
}

// Checks that a generator promises of a dimension what is declared, and no more.
void check_dimension(const Parameter &p, const Argument &argument, int i, const PipelineKey &key) {
    const Dimension &d = argument.dims[i];
    const bool vectors = argument.vectors && key.target.on_device();
    const int extent = contract::value_of(d.extent, key.pipeline), stride = contract::value_of(d.stride, key.pipeline);
    CAPTURE(argument.name, i);
    if (extent != contract::kAny)
        CHECK(holds(p.extent_constraint(i), extent));
    else
        CHECK(p.extent_constraint(i).defined() == (d.multiple > 1 && !(d.tiles && key.target.on_device())));
    if (d.from_zero)
        CHECK(holds(p.min_constraint(i), 0));
    else
        CHECK_FALSE(p.min_constraint(i).defined());
    if (stride != contract::kAny)
        CHECK(holds(p.stride_constraint(i), stride));
    else if (i == 0 && !d.loose)
        CHECK(holds(p.stride_constraint(i), 1));
    else
        CHECK(p.stride_constraint(i).defined() == (vectors && !d.loose));
}

void check_pipeline(const PipelineKey &key, const Variation &variation) {
    Compiled compiled(key, variation);
    const halide_filter_metadata_t &metadata = compiled.metadata();
    REQUIRE(metadata.num_arguments == 1 + contract::argument_count(key));
    CHECK(std::string(metadata.arguments[0].name) == "__user_context");
    int place = 1;
    for_each_argument(key, [&](const Argument &argument, int segment) {
        const halide_filter_argument_t &got = metadata.arguments[place++];
        const std::string name = name_of(argument, segment).str();
        const bool is_buffer = argument.kind == contract::Kind::buffer;
        const int output = static_cast<int>(argument.arg) - static_cast<int>(contract::Arg::output);
        CAPTURE(name);
        CHECK(got.name == name);
        CHECK(got.kind == (!is_buffer    ? halide_argument_kind_input_scalar
                           : output >= 0 ? halide_argument_kind_output_buffer
                                         : halide_argument_kind_input_buffer));
        CHECK(got.dimensions == argument.rank);
        CHECK(got.type == type_of(argument, key));
        if (!is_buffer)
            return;
        const Parameter parameter = compiled.parameter(name, output);
        const bool vectors = argument.vectors && key.target.on_device();
        if (vectors)
            CHECK(parameter.host_alignment() == contract::kDeviceVector * type_of(argument, key).bytes());
        for (int i = 0; i < argument.rank; i++)
            check_dimension(parameter, argument, i, key);
    });
}

}  // namespace

TEST_CASE("compiled pipelines take the declared arguments, and their generators promise the declared shapes") {
    static blocks::StrictReporter reporter;
    Halide::set_custom_compile_time_error_reporter(&reporter);
    std::vector<contract::Block> seen;
    for (const Variation &variation : kVariations)
        for (const contract::Pipeline &pipeline : every_pipeline(variation.schedule, variation.target.type)) {
            CAPTURE(name_of(pipeline).str(), name_of(variation.target).str());
            seen.push_back(contract::block_on(pipeline.block, variation.target.on_device(), variation.target.type));
            check_pipeline({pipeline, variation.target}, variation);
        }
    for (const contract::BlockNames &names : contract::kBlockNames) {
        CAPTURE(std::string(names.generator));
        CHECK(std::count(seen.begin(), seen.end(), names.block) > 0);
    }
}
