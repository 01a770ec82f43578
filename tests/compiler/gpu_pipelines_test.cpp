// What a GPU pipeline does on the host: it checks its arguments and launches one kernel. It allocates no memory of the
// device, copies only what the caller left on the host, and does not wait.
#include <Halide.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <sstream>

#include "generators/blocks/blocks.h"
#include "tests/catch.h"
#include "tests/compiler/command.h"
#include "tests/compiler/every_pipeline.h"

using namespace slimscale;
using namespace slimscale::test;

namespace {

using namespace Halide::Internal;
using contract::DataType;

struct GpuTarget {
    const char *api, *features;
    contract::DataType type;
};

constexpr GpuTarget kTargets[] = {
    {"cuda", "-cuda-cuda_capability_75", DataType::f32},
    {"opencl", "-opencl", DataType::f32},
    {"vulkan", "-vulkan-vk_int8-vk_int16", DataType::f32},
    {"cuda", "-cuda-cuda_capability_75", DataType::f16},
    {"vulkan", "-vulkan-vk_int8-vk_int16-vk_float16-vk_v13", DataType::f16},
};

// The most calls of a function on any path through a statement. A call in a loop counts as many.
class Calls : public IRVisitor {
public:
    explicit Calls(std::string function) : function_(std::move(function)) {}
    int most = 0;

private:
    using IRVisitor::visit;

    void visit(const Call *call) override {
        IRVisitor::visit(call);
        most += call->name == function_;
    }

    void visit(const IfThenElse *branch) override {
        branch->condition.accept(this);
        most += std::max(most_in(branch->then_case), most_in(branch->else_case));
    }

    void visit(const For *loop) override {
        constexpr int kMany = 1000;
        most += kMany * most_in(loop->body);
    }

    int most_in(const Stmt &statement) const {
        Calls calls(function_);
        if (statement.defined())
            statement.accept(&calls);
        return calls.most;
    }

    std::string function_;
};

Halide::Module lower(const contract::Pipeline &pipeline, const GpuTarget &target) {
    const Result<blocks::Block> block = blocks::block(pipeline, contract::Schedule::gpu, target.type);
    REQUIRE(block.error() == "");
    const Halide::Target halide("x86-64-linux-no_runtime-user_context" + std::string(target.features));
    const auto generator = GeneratorRegistry::create(block->generator, Halide::GeneratorContext(halide));
    REQUIRE(generator);
    for (const auto &[name, value] : block->params)
        generator->set_generatorparam_value(name, value);
    return generator->build_module("pipeline");
}

std::set<std::string> undefined_symbols(const std::string &object) {
    const Finished nm = run("nm --undefined-only --format=posix '" + object + "'");
    REQUIRE(nm.status == 0);
    std::set<std::string> names;
    std::istringstream lines(nm.output);
    for (std::string line; std::getline(lines, line);)
        names.insert(line.substr(0, line.find(' ')));
    return names;
}

// Whether a pipeline may use a symbol: those for launching, for sending what the caller left on the host, and for
// errors of arguments, and libm's floorf, by which the bounds of resampled images are computed.
bool allowed(const std::string &symbol, const std::string &api) {
    const std::set<std::string> names = {"halide_" + api + "_run",
                                         "halide_" + api + "_initialize_kernels",
                                         "halide_" + api + "_finalize_kernels",
                                         "halide_" + api + "_device_interface",
                                         "halide_copy_to_device",
                                         "floorf"};
    return names.count(symbol) > 0 || symbol.rfind("halide_error", 0) == 0;
}

}  // namespace

TEST_CASE("a GPU pipeline is one launch and allocates nothing") {
    static blocks::StrictReporter reporter;
    Halide::set_custom_compile_time_error_reporter(&reporter);
    const TemporaryFolder folder;
    const std::string object = folder.path() + "/pipeline.o";
    for (const GpuTarget &target : kTargets) {
        for (const contract::Pipeline &pipeline : every_pipeline(contract::Schedule::gpu, target.type)) {
            CAPTURE(name_of(pipeline).str(), target.features);
            Halide::Module module = lower(pipeline, target);
            Calls launches("halide_" + std::string(target.api) + "_run");
            for (const LoweredFunc &function : module.functions())
                if (function.name == "pipeline")
                    function.body.accept(&launches);
            CHECK(launches.most == 1);
            module.compile({{Halide::OutputFileType::object, object}});
            for (const std::string &symbol : undefined_symbols(object)) {
                CAPTURE(symbol);
                CHECK(allowed(symbol, target.api));
            }
        }
    }
}
