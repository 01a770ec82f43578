#include "bench/widths/code_size.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <map>
#include <vector>

#include <elf.h>
#include <link.h>

#include "bench/widths/report.h"
#include "extras/images/files.h"

namespace slimscale::bench {
namespace {

struct Function {
    uint64_t address, bytes;
    bool operator<(const Function &other) const { return address < other.address; }
};

// Functions by name. Models that share a pipeline each have their own copy of it, under one name.
using Symbols = std::map<std::string, std::vector<Function>>;

template <typename T>
std::vector<T> table_at(const std::vector<uint8_t> &file, uint64_t offset, uint64_t count) {
    if (offset > file.size() || count > (file.size() - offset) / sizeof(T))
        return {};
    std::vector<T> table(count);
    if (count > 0)
        std::memcpy(table.data(), file.data() + offset, count * sizeof(T));
    return table;
}

int take_base(dl_phdr_info *info, size_t, void *base) {
    *static_cast<uint64_t *>(base) = info->dlpi_addr;
    return 1;  // the first is the program itself
}

uint64_t load_address() {
    uint64_t base = 0;
    dl_iterate_phdr(take_base, &base);
    return base;
}

Symbols read_symbols() {
    Symbols symbols;
    std::vector<uint8_t> file;
    if (!images::read_file("/proc/self/exe", file).empty() || file.size() < sizeof(ElfW(Ehdr)))
        return symbols;
    ElfW(Ehdr) header;
    std::memcpy(&header, file.data(), sizeof header);
    const auto sections = table_at<ElfW(Shdr)>(file, header.e_shoff, header.e_shnum);
    const uint64_t base = load_address();
    for (const ElfW(Shdr) & section : sections) {
        if (section.sh_type != SHT_SYMTAB || section.sh_link >= sections.size())
            continue;
        const auto &strings = sections[section.sh_link];
        const auto names = table_at<char>(file, strings.sh_offset, strings.sh_size);
        for (const ElfW(Sym) & symbol :
             table_at<ElfW(Sym)>(file, section.sh_offset, section.sh_size / sizeof(ElfW(Sym))))
            if (ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && symbol.st_name < names.size())
                symbols[&names[symbol.st_name]].push_back({symbol.st_value + base, symbol.st_size});
    }
    for (auto &[name, functions] : symbols)
        std::sort(functions.begin(), functions.end());
    return symbols;
}

const Symbols &symbols() {
    static const Symbols all = read_symbols();
    return all;
}

// A pipeline is its function, the entry that the plan calls, and the bodies of its parallel loops.
bool belongs_to(const std::string &name, const std::string &pipeline) {
    return name == pipeline || name == pipeline + "_argv" || name.rfind(pipeline + "_par_for_", 0) == 0;
}

// The code of a model lies in one piece, so the copies of all functions of a pipeline are in one order.
size_t pipeline_bytes(const std::string &pipeline, uint64_t entry) {
    const auto entries = symbols().find(pipeline + "_argv");
    if (entries == symbols().end())
        return 0;
    size_t copy = 0;
    while (copy < entries->second.size() && entries->second[copy].address != entry)
        copy++;
    if (copy == entries->second.size())  // another pipeline's entry
        return 0;
    size_t bytes = 0;
    for (auto it = symbols().lower_bound(pipeline); it != symbols().end() && it->first.rfind(pipeline, 0) == 0; ++it)
        if (belongs_to(it->first, pipeline) && copy < it->second.size())
            bytes += it->second[copy].bytes;
    return bytes;
}

// What names of a tier's pipelines end in: q16 tiers share some with f32 (compiler/tiers.h).
std::vector<std::string> endings(const std::string &target) {
    if (precision_of(target) != "q16")
        return {"_f32_" + target};
    return {"_q16_" + target, "_f32_" + target.substr(0, target.rfind('_'))};
}

size_t device_bytes(const slimscale_model &model, const slimscale_tier &tier) {
    const int pipelines = model.pipeline_count + SLIMSCALE_IMAGE_PIPELINES + tier.winograd_pipelines;
    const int pieces = pipelines * tier.architecture_count;
    size_t bytes = 0;
    for (int i = 0; i < pieces; i++)
        bytes += tier.code[i].size;
    return bytes;
}

}  // namespace

size_t code_bytes(const slimscale_model &model, const std::string &target) {
    size_t bytes = 0;
    for (int t = 0; t < model.tier_count; t++) {
        const slimscale_tier &tier = model.tiers[t];
        if (target != tier.target)
            continue;
        if (tier.device != SLIMSCALE_DEVICE_CPU)
            return device_bytes(model, tier);
        for (int i = 0; i < model.pipeline_count; i++) {
            const std::string name = std::string("slimscale_") + model.pipeline_names[i];
            for (const std::string &ending : endings(target))
                bytes += pipeline_bytes(name + ending, reinterpret_cast<uint64_t>(tier.pipelines[i]));
        }
    }
    return bytes;
}

}  // namespace slimscale::bench
