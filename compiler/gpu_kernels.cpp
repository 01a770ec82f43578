#include "compiler/gpu_kernels.h"

#include <algorithm>
#include <regex>
#include <sstream>

namespace slimscale::generators {
namespace {

constexpr int kRegisters = 65536, kRegisterUnit = 256, kWarp = 32;

int round_up(int n, int multiple) {
    return (n + multiple - 1) / multiple * multiple;
}

struct Instruction {
    std::string opcode;        // "FFMA", "LDG.E.128.CONSTANT"
    std::string branch_label;  // the label it jumps to; "" unless it is a branch
};

struct Code {
    std::vector<Instruction> instructions;
    std::map<std::string, size_t> labels;  // the index of the instruction behind a label
};

HotLoop count(const Code &code, size_t first, size_t end) {
    HotLoop loop;
    for (size_t i = first; i < end; i++) {
        const std::string &opcode = code.instructions[i].opcode;
        const auto is = [&](const char *name) { return opcode.rfind(name, 0) == 0; };
        loop.instructions++;
        loop.ffma += is("FFMA") || is("HFMA2");
        loop.loads += is("LDG") || is("LDS");
    }
    return loop;
}

HotLoop hot_loop(const Code &code) {
    HotLoop hot;
    for (size_t i = 0; i < code.instructions.size(); i++) {
        const auto label = code.labels.find(code.instructions[i].branch_label);
        if (label == code.labels.end() || label->second > i || label->second == i)
            continue;
        const HotLoop loop = count(code, label->second, i + 1);
        const bool inner = 10 * loop.ffma >= 9 * hot.ffma && loop.instructions < hot.instructions;
        if (10 * loop.ffma > 11 * hot.ffma || inner)
            hot = loop;
    }
    return hot.ffma > 0 ? hot : count(code, 0, code.instructions.size());
}

// The value of a sum of products of numbers, "0 + (32*4)", which Halide does not compute; -1 for anything else.
int value_of(const std::string &expression) {
    static const std::regex term("(\\d+)(?:\\*(\\d+))?");
    if (expression.find_first_not_of("0123456789+*() ") != std::string::npos)
        return -1;
    int sum = 0;
    for (std::sregex_iterator i(expression.begin(), expression.end(), term), end; i != end; ++i)
        sum += std::stoi((*i)[1]) * ((*i)[2].matched ? std::stoi((*i)[2]) : 1);
    return sum;
}

}  // namespace

std::vector<Launch> launches(const std::string &statement) {
    // halide_cuda_run(context, "kernel", blocks x, y, z, threads x, y, z, shared bytes, ...)
    static const std::regex call(
        "halide_cuda_run\\([^,]*, \"([^\"]+)\", [^,]+, [^,]+, [^,]+, (\\d+), (\\d+), (\\d+), ([^,]+),");
    std::vector<Launch> found;
    for (std::sregex_iterator i(statement.begin(), statement.end(), call), end; i != end; ++i)
        found.push_back({(*i)[1], std::stoi((*i)[2]) * std::stoi((*i)[3]) * std::stoi((*i)[4]), value_of((*i)[5])});
    return found;
}

std::map<std::string, KernelUsage> ptxas_usage(const std::string &text) {
    static const std::regex entry("Compiling entry function '([^']+)'"), registers("Used (\\d+) registers"),
        memory("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
    std::map<std::string, KernelUsage> usage;
    std::string kernel;
    std::istringstream lines(text);
    std::smatch match;
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_search(line, match, entry))
            kernel = match[1];
        if (std::regex_search(line, match, memory)) {
            usage[kernel].stack_bytes = std::stoi(match[1]);
            usage[kernel].spill_bytes = std::stoi(match[2]) + std::stoi(match[3]);
        }
        if (std::regex_search(line, match, registers))
            usage[kernel].registers = std::stoi(match[1]);
    }
    return usage;
}

std::map<std::string, HotLoop> hot_loops(const std::string &disassembly) {
    static const std::regex section("^\\.text\\.(\\S+):"), label("^(\\.L\\w+):"),
        instruction("^\\s*/\\*[0-9a-f]+\\*/\\s+(?:@!?U?P\\w+\\s+)?([A-Z][A-Z0-9_.]*)"), branch("`\\((\\.L\\w+)\\)");
    std::map<std::string, Code> codes;
    Code *code = nullptr;
    std::istringstream lines(disassembly);
    std::smatch match, target;
    for (std::string line; std::getline(lines, line);) {
        if (std::regex_search(line, match, section))
            code = &codes[match[1]];
        else if (code && std::regex_search(line, match, label))
            code->labels[match[1]] = code->instructions.size();
        else if (code && std::regex_search(line, match, instruction)) {
            const std::string opcode = match[1];
            const bool jumps = opcode == "BRA" && std::regex_search(line, target, branch);
            code->instructions.push_back({opcode, jumps ? target[1].str() : ""});
        }
    }
    std::map<std::string, HotLoop> loops;
    for (const auto &[kernel, one] : codes)
        loops[kernel] = hot_loop(one);
    return loops;
}

const std::vector<Multiprocessor> &multiprocessors() {
    static const std::vector<Multiprocessor> list{
        {75, 1024, 16, 64 << 10},  {80, 2048, 32, 164 << 10}, {86, 1536, 16, 100 << 10},  {87, 1536, 16, 164 << 10},
        {89, 1536, 24, 100 << 10}, {90, 2048, 32, 228 << 10}, {100, 2048, 32, 228 << 10}, {120, 1536, 24, 100 << 10},
    };
    return list;
}

double occupancy(const Multiprocessor &multiprocessor, const Launch &launch, int registers) {
    const int warps = round_up(launch.threads, kWarp) / kWarp;
    int blocks = std::min(multiprocessor.blocks, multiprocessor.threads / (warps * kWarp));
    if (registers > 0)
        blocks = std::min(blocks, kRegisters / round_up(registers * kWarp, kRegisterUnit) / warps);
    if (launch.shared_bytes > 0)
        blocks = std::min(blocks, multiprocessor.shared_bytes / launch.shared_bytes);
    return static_cast<double>(blocks * warps * kWarp) / multiprocessor.threads;
}

}  // namespace slimscale::generators
