#include "bench/widths/code_size.h"

#include <cstdint>
#include <cstdio>
#include <map>
#include <vector>

#include <link.h>
#include <unistd.h>

#include "bench/widths/report.h"
#include "contract/target.h"

namespace slimscale::bench {
namespace {

struct Function {
    uint64_t address, bytes;
};

// Functions by name, in the order of their addresses. Models that share a pipeline each have their own copy of it,
// under one name.
using Symbols = std::map<std::string, std::vector<Function>>;

int take_base(dl_phdr_info *info, size_t, void *base) {
    *static_cast<uint64_t *>(base) = info->dlpi_addr;
    return 1;  // the first is the program itself
}

// The symbols of this program, by binutils' nm; none where nm is missing.
Symbols read_symbols() {
    Symbols symbols;
    uint64_t base = 0;
    dl_iterate_phdr(take_base, &base);
    const std::string command = "nm --print-size --numeric-sort /proc/" + std::to_string(getpid()) + "/exe 2>/dev/null";
    FILE *lines = popen(command.c_str(), "r");
    unsigned long address = 0, bytes = 0;
    char line[1024], name[sizeof line], kind = 0;
    while (lines && fgets(line, sizeof line, lines))
        if (std::sscanf(line, "%lx %lx %c %s", &address, &bytes, &kind, name) == 4 && (kind == 't' || kind == 'T'))
            symbols[name].push_back({address + base, bytes});
    if (lines)
        pclose(lines);
    return symbols;
}

const Symbols &symbols() {
    static const Symbols all = read_symbols();
    return all;
}

// A pipeline consists of its function, the entry that the plan calls, and the bodies of its parallel loops.
bool belongs_to(const std::string &name, const std::string &pipeline) {
    return name == pipeline || name == pipeline + "_argv" || name.rfind(pipeline + "_par_for_", 0) == 0;
}

// The code of a model lies in one piece, so the copies of all functions of a pipeline are in the same order.
size_t pipeline_bytes(const std::string &pipeline, uint64_t entry) {
    const auto entries = symbols().find(pipeline + "_argv");
    if (entries == symbols().end())
        return 0;
    size_t copy = 0;
    while (copy < entries->second.size() && entries->second[copy].address != entry)
        copy++;
    if (copy == entries->second.size())  // the entry belongs to another pipeline
        return 0;
    size_t bytes = 0;
    for (auto it = symbols().lower_bound(pipeline); it != symbols().end() && it->first.rfind(pipeline, 0) == 0; ++it)
        if (belongs_to(it->first, pipeline) && copy < it->second.size())
            bytes += it->second[copy].bytes;
    return bytes;
}

// The endings of the names of a target's pipelines: q16 targets share some pipelines with f32, int8 targets with bf16
// (compiler/targets.h).
std::vector<std::string> endings(const std::string &target) {
    contract::Target parsed;
    std::vector<std::string> found;
    if (!contract::parse_target(target, parsed))
        return found;
    const auto ending = [](const contract::Target &t) {
        return "_" + std::string(name_of(t.type)) + "_" + name_of(t).str();
    };
    found.push_back(ending(parsed));
    if (parsed.type == contract::DataType::q16)
        found.push_back(ending(parsed.with(contract::DataType::f32)));
    if (parsed.type == contract::DataType::int8)
        found.push_back(ending(parsed.with(contract::DataType::bf16)));
    return found;
}

size_t device_bytes(const slimscale_model &model, const slimscale_compiled_target &target) {
    const int pipelines = model.pipeline_count + SLIMSCALE_IMAGE_PIPELINES + target.winograd_pipelines;
    const int pieces = pipelines * target.architecture_count;
    size_t bytes = 0;
    for (int i = 0; i < pieces; i++)
        bytes += target.code[i].size;
    return bytes;
}

}  // namespace

size_t code_bytes(const slimscale_model &model, const std::string &target) {
    size_t bytes = 0;
    for (int t = 0; t < model.target_count; t++) {
        const slimscale_compiled_target &compiled = model.targets[t];
        if (target != compiled.name)
            continue;
        if (compiled.device != SLIMSCALE_DEVICE_CPU)
            return device_bytes(model, compiled);
        for (int i = 0; i < model.pipeline_count; i++) {
            const std::string name = std::string("slimscale_") + model.pipeline_names[i];
            for (const std::string &ending : endings(target))
                bytes += pipeline_bytes(name + ending, reinterpret_cast<uint64_t>(compiled.pipelines[i]));
        }
    }
    return bytes;
}

}  // namespace slimscale::bench
