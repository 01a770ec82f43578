#include "compiler/cubins.h"

#include <algorithm>
#include <cstdio>
#include <sstream>

#include "base/files.h"
#include "compiler/files.h"
#include "compiler/process.h"

namespace slimscale::generators {
namespace {

// A cubin runs on GPUs of the same major version from its own minor version on: 86 serves 8.9, 120 serves 12.1.
const std::vector<int> &usual_archs(const std::string &platform) {
    static const std::vector<int> x86{75, 80, 86, 87, 90, 100, 120}, arm{87};  // Jetson Orin
    return platform.rfind("x86", 0) == 0 ? x86 : arm;
}

std::string sm(int arch) {
    return "sm_" + std::to_string(arch);
}

std::string version_of(const std::string &words) {
    std::istringstream lines(words);
    for (std::string line; std::getline(lines, line);)
        if (const size_t at = line.find(", V"); at != std::string::npos)
            return line.substr(at + 3);
    return "";
}

std::string tail_of(const Assembler &assembler, int arch) {
    return ".ptxas-" + assembler.version + "." + sm(arch);
}

Status assemble_for(const CudaFiles &files, const Assembler &assembler, int arch) {
    const std::string cubin = files.cubin(assembler, arch), temporary = cubin + temporary_suffix();
    std::string usage;
    const std::vector<std::string> command{"ptxas", "-v", "-arch=" + sm(arch), files.ptx(), "-o", temporary};
    Status status = run_command(command, ".", nullptr, &usage);
    if (status)
        status = base::write_file(files.usage(assembler, arch), usage);
    if (status)
        status = move_file(temporary, cubin);
    if (!status)
        std::remove(temporary.c_str());
    return status;
}

// PTX gets a zero byte at its end, which drivers need.
void print_data(std::ostream &out, const std::string &label, const std::string &file, bool is_ptx) {
    out << "    .balign 64\n"
        << label << ":\n    .incbin \"" << file << "\"\n"
        << (is_ptx ? "    .byte 0\n" : "") << label << "_end:\n";
}

}  // namespace

Status find_assembler(const std::vector<int> &wanted, const std::string &platform, Assembler &assembler) {
    assembler = {};
    std::string words, help;
    if (!run_command({"ptxas", "--version"}, ".", &words) || !run_command({"ptxas", "--help"}, ".", &help))
        return Status();
    assembler.version = version_of(words);
    for (const int arch : wanted.empty() ? usual_archs(platform) : wanted)
        if (help.find("'" + sm(arch) + "'") != std::string::npos)
            assembler.archs.push_back(arch);
        else if (!wanted.empty())
            return Error{"ptxas " + assembler.version + " does not know " + sm(arch) +
                         ": ptxas --help lists what it knows"};
    std::sort(assembler.archs.begin(), assembler.archs.end());
    assembler.archs.erase(std::unique(assembler.archs.begin(), assembler.archs.end()), assembler.archs.end());
    return Status();
}

std::string CudaFiles::cubin(const Assembler &assembler, int arch) const {
    return stem + tail_of(assembler, arch) + ".cubin";
}

std::string CudaFiles::usage(const Assembler &assembler, int arch) const {
    return stem + tail_of(assembler, arch) + ".txt";
}

std::string CudaFiles::loops(const Assembler &assembler, int arch) const {
    return stem + tail_of(assembler, arch) + ".loops";
}

bool is_assembled(const CudaFiles &files, const Assembler &assembler) {
    return std::all_of(assembler.archs.begin(), assembler.archs.end(),
                       [&](int arch) { return file_exists(files.cubin(assembler, arch)); });
}

Status assemble(const CudaFiles &files, const Assembler &assembler) {
    for (const int arch : assembler.archs)
        if (!file_exists(files.cubin(assembler, arch)))
            SLIMSCALE_RETURN_IF_ERROR(assemble_for(files, assembler, arch));
    return Status();
}

std::string code_assembly(const std::string &symbol, const std::vector<CudaFiles> &pipelines,
                          const Assembler &assembler) {
    std::ostringstream data, table;
    for (size_t i = 0; i < pipelines.size(); i++)
        for (size_t k = 0; k <= assembler.archs.size(); k++) {
            if (pipelines[i].stem.empty()) {
                table << "    .quad 0, 0\n";
                continue;
            }
            const bool is_ptx = k == 0;
            const int arch = is_ptx ? 0 : assembler.archs[k - 1];
            const std::string label = ".Lcode_" + std::to_string(i) + "_" + std::to_string(arch);
            print_data(data, label, is_ptx ? pipelines[i].ptx() : pipelines[i].cubin(assembler, arch), is_ptx);
            table << "    .quad " << label << ", " << label << "_end - " << label << "\n";
        }
    return "    .section .rodata\n" + data.str() + "    .section .data.rel.ro,\"aw\"\n    .balign 8\n    .globl " +
           symbol + "\n" + symbol + ":\n" + table.str() + "    .section .note.GNU-stack,\"\",%progbits\n";
}

}  // namespace slimscale::generators
