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

void print_pipelines(std::ostream &out, const ModelPlan &plan, const Tier &tier) {
    const auto pipelines = plan.pipelines_of(tier);
    for (const auto &pipeline : pipelines)
        if (pipeline)
            out << "int " << function_name(*pipeline, tier) << "_argv(void **arguments);\n";
    out << "static const slimscale_pipeline pipelines_" << tier.name << "[] = {\n";
    for (const auto &pipeline : pipelines)
        out << "    " << (pipeline ? function_name(*pipeline, tier) + "_argv" : "0") << ",\n";
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

bool has_winograd(const ModelPlan &plan, const Tier &tier) {
    return !tier.on(Device::cpu) && !plan.winograd_pipelines.empty();
}

// Of a tier's own kind: scratch on processors, code on CUDA.
void print_resources(std::ostream &out, const ModelPlan &plan, const Tier &tier, const schedules::Table &table,
                     const std::vector<int> &archs) {
    if (tier.on(Device::cpu))
        out << "static const uint64_t scratch_" << tier.name << "[] = {"
            << joined(plan.pipelines, ", ",
                      [&](const contract::Pipeline &pipeline) {
                          const Halide::Target target(halide_target(tier));
                          return blocks::scratch_bytes(pipeline, tier.schedule,
                                                       pipeline_tier(pipeline, tier).target.type, target,
                                                       blocks::blocking(pipeline, tier.schedule, target, table));
                      })
            << "};\n\n";
    if (tier.on(Device::cuda))
        out << "static const int32_t architectures_" << tier.name << "[] = {0"
            << joined(archs, "", [](int arch) { return ", " + std::to_string(arch); }) << "};\n"
            << "extern const slimscale_code " << code_symbol(tier) << "[];\n\n";
}

void print_tier(std::ostream &out, const ModelPlan &plan, const Tier &tier, const std::vector<int> &archs) {
    const DataType type = tier.target.type;
    out << "    {.target = \"" << tier.name << "\", .pipelines = pipelines_" << tier.name
        << ", .device = SLIMSCALE_DEVICE_" << device_name(tier.target.device)
        << ", .activation_bytes = " << (type == DataType::f16 ? 2 : 4) << ", .q16 = " << is_q16(tier);
    if (tier.on(Device::cpu))
        out << ", .scratch_bytes = scratch_" << tier.name;
    if (tier.on(Device::cuda))
        out << ", .architecture_count = " << 1 + archs.size() << ", .architectures = architectures_" << tier.name
            << ", .code = " << code_symbol(tier);
    if (has_winograd(plan, tier))
        out << ", .winograd_pipelines = " << plan.winograd_pipelines.size() << ", .winograd = winograd";
    out << "},\n";
}

void print_tiers(std::ostream &out, const ModelPlan &plan, const std::vector<Tier> &tiers,
                 const schedules::Table &table, const std::vector<int> &archs) {
    for (const Tier &tier : tiers) {
        print_pipelines(out, plan, tier);
        print_resources(out, plan, tier, table, archs);
    }
    if (std::any_of(tiers.begin(), tiers.end(), [&](const Tier &tier) { return has_winograd(plan, tier); }))
        print_winograd(out, plan);
    out << "static const char *const pipeline_names[] = {\n";
    for (const contract::Pipeline &pipeline : plan.pipelines)
        out << "    \"" << name_of(pipeline).view() << "\",\n";
    out << "};\n\nstatic const slimscale_tier tiers[] = {\n";
    for (const Tier &tier : tiers)
        print_tier(out, plan, tier, archs);
    out << "};\n\nstatic const char *const targets[] = {"
        << joined(tiers, ", ", [](const Tier &tier) { return "\"" + tier.name + "\""; }) << "};\n\n";
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
    out << "};\nstatic const int32_t widths[] = {"
        << joined(plan.widths, ", ", [](const PlannedWidth &width) { return width.program.channels; }) << "};\n\n";
}

void print_model(std::ostream &out, const ModelPlan &plan, const std::vector<Tier> &tiers, size_t blob_bytes) {
    const networks::Network &network = plan.network;
    if (blob_bytes)
        out << "extern const unsigned char " << kBlobSymbol << "[];\n\n";
    out << "static const struct slimscale_model model = {\n"
        << "    .abi = SLIMSCALE_MODEL_ABI,\n"
        << "    .name = \"" << plan.name << "\",\n"
        << "    .network = \"" << network.name << "\",\n"
        << "    .scale = " << network.scale << ",\n"
        << "    .colors = " << network.colors << ",\n"
        << "    .channels = " << network.channels << ",\n"
        << "    .segment_slicing = " << (network.slicing == networks::Slicing::per_segment) << ",\n"
        << "    .plan_count = " << plan.widths.size() << ",\n"
        << "    .plans = plans,\n"
        << "    .widths = widths,\n"
        << "    .pipeline_count = " << plan.pipelines.size() << ",\n"
        << "    .pipeline_names = pipeline_names,\n"
        << "    .tier_count = " << tiers.size() << ",\n"
        << "    .tiers = tiers,\n"
        << "    .targets = targets,\n"
        << "    .blob = " << (blob_bytes ? kBlobSymbol : "0") << ",\n"
        << "    .blob_size = " << blob_bytes << ",\n"
        << "};\n\n"
        << "const struct slimscale_model *slimscale_model_" << plan.name << "(void);\n"
        << "const struct slimscale_model *slimscale_model_" << plan.name << "(void) { return &model; }\n";
}

}  // namespace

std::string code_symbol(const Tier &tier) {
    return "slimscale_code_" + tier.name;
}

std::string plan_source(const ModelPlan &plan, const std::vector<Tier> &tiers, const schedules::Table &table,
                        const std::vector<int> &archs, size_t blob_bytes) {
    std::ostringstream out;
    out << "// Written by slimscale_generate: the plan of " << plan.name << ".\n#include \"model.h\"\n\n";
    print_tiers(out, plan, tiers, table, archs);
    print_plans(out, plan);
    print_model(out, plan, tiers, blob_bytes);
    return out.str();
}

std::string archive_header(const ModelPlan &plan, const std::vector<Tier> &tiers, const std::string &contents) {
    const std::string guard = "SLIMSCALE_MODEL_" + upper_case(plan.name) + "_H";
    const auto channels = [](const PlannedWidth &width) { return width.program.channels; };
    const auto tier_name = [](const Tier &tier) { return tier.name; };
    std::ostringstream out;
    out << "// Written by slimscale_generate: " << plan.network.name << " x" << plan.network.scale << ", compiled for "
        << joined(tiers, " and ", tier_name) << ".\n"
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
