#include "compiler/plan_writer.h"

#include <algorithm>
#include <sstream>

#include "generators/blocks/blocks.h"

namespace slimscale::generators {
namespace {

std::string upper_case(std::string text) {
    for (char &letter : text)
        if (letter >= 'a' && letter <= 'z')
            letter = static_cast<char>(letter - 'a' + 'A');
    return text;
}

template <class Items, class Print>
std::string joined(const Items &items, const char *separator, Print print) {
    std::ostringstream out;
    const char *before = "";
    for (const auto &item : items) {
        out << before << print(item);
        before = separator;
    }
    return out.str();
}

std::string device_name(Device device) {
    return upper_case(std::string(name_of(device)));
}

void print_pipelines(std::ostream &out, const ModelPlan &plan, const Target &target) {
    const auto pipelines = plan.pipelines_of(target);
    for (const auto &pipeline : pipelines)
        if (pipeline)
            out << "int " << function_name(*pipeline, target) << "_argv(void **arguments);\n";
    out << "static const slimscale_pipeline pipelines_" << target.name << "[] = {\n";
    for (const auto &pipeline : pipelines)
        out << "    " << (pipeline ? function_name(*pipeline, target) + "_argv" : "0") << ",\n";
    out << "};\n";
}

void print_winograd(std::ostream &out, const ModelPlan &plan) {
    out << "static const slimscale_winograd winograd[] = {"
        << joined(plan.winograd, ", ",
                  [](const slimscale_winograd &three) {
                      return "{" + std::to_string(three.input) + ", " + std::to_string(three.product) + ", " +
                             std::to_string(three.output) + "}";
                  })
        << "};\n\n";
}

bool has_winograd(const ModelPlan &plan, const Target &target) {
    return !target.on(Device::cpu) && !plan.winograd_pipelines.empty();
}

// What only some targets have: scratch on processors, code on CUDA.
void print_resources(std::ostream &out, const ModelPlan &plan, const Target &target, const schedules::Table &table,
                     const std::vector<int> &archs) {
    if (target.on(Device::cpu))
        out << "static const uint64_t scratch_" << target.name << "[] = {"
            << joined(plan.pipelines, ", ",
                      [&](const contract::Pipeline &pipeline) {
                          const Halide::Target halide(halide_target(pipeline, target));
                          return blocks::scratch_bytes(pipeline, target.schedule,
                                                       pipeline_target(pipeline, target).id.type, halide,
                                                       blocks::blocking(pipeline, target.schedule, halide, table));
                      })
            << "};\n\n";
    if (target.on(Device::cuda))
        out << "static const int32_t architectures_" << target.name << "[] = {0"
            << joined(archs, "", [](int arch) { return ", " + std::to_string(arch); }) << "};\n"
            << "extern const slimscale_code " << code_symbol(target) << "[];\n\n";
}

void print_target(std::ostream &out, const ModelPlan &plan, const Target &target, const std::vector<int> &archs) {
    out << "    {.name = \"" << target.name << "\", .pipelines = pipelines_" << target.name
        << ", .device = SLIMSCALE_DEVICE_" << device_name(target.id.device) << ", .data_type = SLIMSCALE_DATA_"
        << upper_case(std::string(name_of(target.id.type)));
    if (target.on(Device::cpu))
        out << ", .scratch_bytes = scratch_" << target.name;
    if (target.on(Device::cuda))
        out << ", .architecture_count = " << 1 + archs.size() << ", .architectures = architectures_" << target.name
            << ", .code = " << code_symbol(target);
    if (has_winograd(plan, target))
        out << ", .winograd_pipelines = " << plan.winograd_pipelines.size() << ", .winograd = winograd";
    out << "},\n";
}

void print_targets(std::ostream &out, const ModelPlan &plan, const std::vector<Target> &targets,
                   const schedules::Table &table, const std::vector<int> &archs) {
    for (const Target &target : targets) {
        print_pipelines(out, plan, target);
        print_resources(out, plan, target, table, archs);
    }
    if (std::any_of(targets.begin(), targets.end(), [&](const Target &target) { return has_winograd(plan, target); }))
        print_winograd(out, plan);
    out << "static const char *const pipeline_names[] = {\n";
    for (const contract::Pipeline &pipeline : plan.pipelines)
        out << "    \"" << name_of(pipeline).view() << "\",\n";
    out << "};\n\nstatic const slimscale_compiled_target targets[] = {\n";
    for (const Target &target : targets)
        print_target(out, plan, target, archs);
    out << "};\n\nstatic const char *const target_names[] = {"
        << joined(targets, ", ", [](const Target &target) { return "\"" + target.name + "\""; }) << "};\n\n";
}

void print_step(std::ostream &out, const networks::Step &step, int pipeline) {
    out << "    {.kind = " << static_cast<int>(step.kind) << " /* " << facts_of(step.kind).name
        << " */, .pipeline = " << pipeline << ", .cin = " << step.cin << ", .cout = " << step.cout
        << ", .groups = " << step.groups << ", .shuffle = " << step.shuffle << ", .relu = " << step.relu
        << ", .prelu = " << step.prelu << ", .input_skip = " << step.input_skip
        << ", .input_count = " << step.inputs.size() << ", .inputs = {"
        << joined(step.inputs, ", ", [](int tensor) { return tensor; }) << "}, .add = " << step.add
        << ", .output = " << step.output << ", .filter = " << step.filter << ", .filter2 = " << step.filter2
        << ", .segment_stride = " << step.segment_stride << ", .input_scale = " << step.input_scale << "},\n";
}

void print_width(std::ostream &out, const PlannedWidth &width) {
    const networks::Program &program = width.program;
    out << "static const slimscale_tensor tensors_" << program.channels << "[] = {\n    "
        << joined(program.tensors, ", ",
                  [](const networks::Tensor &tensor) {
                      return "{" + std::to_string(tensor.channels) + ", " + std::to_string(tensor.scale) + ", " +
                             std::to_string(tensor.rank) + "}";
                  })
        << "};\nstatic const slimscale_step steps_" << program.channels << "[] = {\n";
    for (size_t i = 0; i < program.steps.size(); i++)
        print_step(out, program.steps[i], width.pipelines[i]);
    out << "};\n\n";
}

void print_plans(std::ostream &out, const ModelPlan &plan) {
    for (const PlannedWidth &width : plan.widths)
        print_width(out, width);
    out << "static const slimscale_network_plan plans[] = {\n";
    for (const PlannedWidth &width : plan.widths) {
        const networks::Program &program = width.program;
        out << "    {.channels = " << program.channels << ", .tensor_count = " << program.tensors.size()
            << ", .step_count = " << program.steps.size() << ", .whole_frame = " << program.whole_frame
            << ", .tensors = tensors_" << program.channels << ", .steps = steps_" << program.channels << "},\n";
    }
    out << "};\nstatic const int32_t channels[] = {"
        << joined(plan.widths, ", ", [](const PlannedWidth &width) { return width.program.channels; }) << "};\n\n";
}

void print_model(std::ostream &out, const ModelPlan &plan, const std::vector<Target> &targets, size_t blob_bytes) {
    const networks::Network &network = plan.network;
    if (blob_bytes)
        out << "extern const unsigned char " << kBlobSymbol << "[];\n\n";
    out << "static const struct slimscale_model model = {\n"
        << "    .abi = SLIMSCALE_MODEL_ABI,\n"
        << "    .name = \"" << plan.name << "\",\n"
        << "    .network = \"" << network.name << "\",\n"
        << "    .scale = " << network.scale << ",\n"
        << "    .colors = " << network.colors << ",\n"
        << "    .max_channels = " << network.channels << ",\n"
        << "    .segment_slicing = " << (network.slicing == networks::Slicing::per_segment) << ",\n"
        << "    .plan_count = " << plan.widths.size() << ",\n"
        << "    .plans = plans,\n"
        << "    .channels = channels,\n"
        << "    .pipeline_count = " << plan.pipelines.size() << ",\n"
        << "    .pipeline_names = pipeline_names,\n"
        << "    .target_count = " << targets.size() << ",\n"
        << "    .targets = targets,\n"
        << "    .target_names = target_names,\n"
        << "    .blob = " << (blob_bytes ? kBlobSymbol : "0") << ",\n"
        << "    .blob_size = " << blob_bytes << ",\n"
        << "};\n\n"
        << "const struct slimscale_model *slimscale_model_" << plan.name << "(void);\n"
        << "const struct slimscale_model *slimscale_model_" << plan.name << "(void) { return &model; }\n";
}

}  // namespace

std::string code_symbol(const Target &target) {
    return "slimscale_code_" + target.name;
}

std::string plan_source(const ModelPlan &plan, const std::vector<Target> &targets, const schedules::Table &table,
                        const std::vector<int> &archs, size_t blob_bytes) {
    std::ostringstream out;
    out << "// Written by slimscale_generate: the plan of " << plan.name << ".\n#include \"model.h\"\n\n";
    print_targets(out, plan, targets, table, archs);
    print_plans(out, plan);
    print_model(out, plan, targets, blob_bytes);
    return out.str();
}

std::string archive_header(const ModelPlan &plan, const std::vector<Target> &targets, const std::string &contents) {
    const std::string guard = "SLIMSCALE_MODEL_" + upper_case(plan.name) + "_H";
    const auto channels = [](const PlannedWidth &width) { return width.program.channels; };
    const auto target_name = [](const Target &target) { return target.name; };
    std::ostringstream out;
    out << "// Written by slimscale_generate: " << plan.network.name << " x" << plan.network.scale << ", compiled for "
        << joined(targets, " and ", target_name) << ".\n"
        << "//     widths     " << joined(plan.widths, " ", channels) << " of " << plan.network.channels
        << " channels\n"
        << contents << "// Link libslimscale_model_" << plan.name << ".a together with libslimscale.a.\n"
        << "#ifndef " << guard << "\n#define " << guard << "\n\n#include <slimscale/slimscale.h>\n\n"
        << "#ifdef __cplusplus\nextern \"C\" {\n#endif\n\n"
        << "const slimscale_model *slimscale_model_" << plan.name << "(void);\n\n"
        << "#ifdef __cplusplus\n}\n#endif\n\n#endif\n";
    return out.str();
}

}  // namespace slimscale::generators
