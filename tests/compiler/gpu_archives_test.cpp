// Archives for GPUs, made without a GPU: their symbols and tables of code, what is compiled again, and what a missing
// assembler changes.
#include "tests/catch.h"
#include "tests/compiler/command.h"

#include <filesystem>
#include <set>
#include <sstream>

using namespace slimscale::test;

namespace {

const std::string kBuild = SLIMSCALE_BINARY_DIR;
const std::string kSource = SLIMSCALE_SOURCE_DIR;
const std::string kName = "edsr_small_x2";
const std::string kArmGcc = "aarch64-linux-gnu-gcc", kArmNm = "aarch64-linux-gnu-nm", kQemu = "qemu-aarch64";
constexpr int kSteps = 4, kImages = 7;  // pipelines: head, 2 x conv3x3, tail4; and SLIMSCALE_IMAGE_PIPELINES
constexpr size_t kDeviceObjects = kSteps + kImages;

// One cache for all cases, so that each pipeline is compiled once.
const std::string &cache() {
    static const TemporaryFolder folder;
    return folder.path();
}

const std::string kWithoutPtxas = "PATH=/usr/bin:/bin ";

Finished generate(const std::string &environment, const std::string &targets, const std::string &out) {
    return run(environment + "'" + kBuild + "/bin/slimscale_generate' model --network edsr_small --widths 8 --out '" +
               out + "' --cache '" + cache() + "' --report '" + out + "/report.md' --targets " + targets);
}

std::string archive_in(const std::string &folder) {
    return folder + "/libslimscale_model_" + kName + ".a";
}

std::set<std::string> symbols(const std::string &nm, const std::string &which, const std::string &archive) {
    const Finished finished = run(nm + " --format=posix " + which + " '" + archive + "'");
    REQUIRE(finished.status == 0);
    std::set<std::string> names;
    std::istringstream lines(finished.output);
    for (std::string line; std::getline(lines, line);)
        if (line.find(' ') != std::string::npos)
            names.insert(line.substr(0, line.find(' ')));
    return names;
}

// Whether an undefined symbol is one of the library, of Halide's runtime for a device, or one that compilers use.
bool is_served(const std::string &symbol, const std::vector<std::string> &devices) {
    static const std::set<std::string> library = symbols("nm", "--defined-only", kBuild + "/lib/libslimscale.a");
    static const std::set<std::string> libc = {"memcpy", "memset", "memmove", "floorf", "_GLOBAL_OFFSET_TABLE_"};
    for (const std::string &device : devices)
        for (const char *part : {"_initialize_kernels", "_run", "_finalize_kernels", "_device_interface"})
            if (symbol == "slimscale_halide_" + device + part)
                return true;
    return libc.count(symbol) == 1 || (symbol.rfind("slimscale_halide_", 0) == 0 && library.count(symbol) == 1);
}

void check_symbols(const std::string &nm, const std::string &archive, const std::vector<std::string> &devices) {
    CHECK(symbols(nm, "--extern-only --defined-only", archive) == std::set<std::string>{"slimscale_model_" + kName});
    for (const std::string &symbol : symbols(nm, "--undefined-only", archive)) {
        INFO(symbol);
        CHECK(is_served(symbol, devices));
    }
}

// What code_tables.c prints of the archive in `folder`.
std::string tables(const std::string &gcc, const std::string &emulator, const std::string &folder) {
    const std::string program = folder + "/code_tables";
    const Finished linked = run(gcc + " -static -std=c11 -Wall -Wextra -Werror -DMODEL=slimscale_model_" + kName +
                                " -I'" + kSource + "' '" + kSource + "/tests/compiler/code_tables.c' '" +
                                archive_in(folder) + "' -Wl,--unresolved-symbols=ignore-all -o '" + program + "'");
    INFO(linked.output);
    REQUIRE(linked.status == 0);
    const Finished ran = run(emulator + " '" + program + "'");
    INFO(ran.output);
    REQUIRE(ran.status == 0);
    return ran.output;
}

std::string code_lines(const std::string &code) {
    std::string text;
    for (int i = 0; i < kSteps + kImages; i++)
        text += "pipeline " + std::to_string(i) + ": " + code + "\n";
    return text;
}

size_t count(const std::string &text, const std::string &part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
        found++;
    return found;
}

bool is_for_arm(const std::string &file) {
    return run("readelf --file-header '" + file + "'").output.find("AArch64") != std::string::npos;
}

bool on_path(const std::string &program) {
    return run("command -v " + program).status == 0;
}

}  // namespace

TEST_CASE("a CUDA archive exports one function, runs on processors too and asks for nothing unknown") {
    const TemporaryFolder folder;
    const Finished finished = generate(kWithoutPtxas, "cuda", folder.path());
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    check_symbols("nm", archive_in(folder.path()), {"cuda"});
    const std::string header = file_bytes(folder.path() + "/slimscale_model_" + kName + ".h");
    CHECK(header.find("compiled for cuda and avx2 and baseline.") != std::string::npos);
    CHECK(header.find("11 pipelines") != std::string::npos);
}

TEST_CASE("without ptxas an archive holds PTX only, and one line says so") {
    const TemporaryFolder folder;
    const Finished finished = generate(kWithoutPtxas, "cuda", folder.path());
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    CHECK(count(finished.output, "ptxas is not on PATH") == 1);
    CHECK(count(file_bytes(folder.path() + "/report.md"), "ptxas") == 0);
    CHECK(tables("gcc", "", folder.path()) == "cuda: device 1, data type 0, 0\n" + code_lines("PTX") +
                                                  "avx2: device 0, data type 0\nbaseline: device 0, data type 0\n");
}

TEST_CASE("OpenCL's and Vulkan's archives differ in what they ask for") {
    const TemporaryFolder folder;
    const Finished finished = generate(kWithoutPtxas, "opencl,vulkan", folder.path());
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    CHECK(count(finished.output, "ptxas") == 0);
    check_symbols("nm", archive_in(folder.path()), {"opencl", "vulkan"});
    CHECK(tables("gcc", "", folder.path()) == "avx2: device 0, data type 0\nbaseline: device 0, data type 0\n"
                                              "opencl: device 2, data type 0\nvulkan: device 3, data type 0\n");
}

TEST_CASE("Android's archive and Halide's runtime are made of its own objects") {
    if (!on_path(kArmGcc)) {
        WARN("left out: no " + kArmGcc);
        return;
    }
    const TemporaryFolder folder;
    const Finished finished = generate(kWithoutPtxas, "android", folder.path());
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    check_symbols(kArmNm, archive_in(folder.path()), {"opencl", "vulkan"});
    CHECK(is_for_arm(archive_in(folder.path())));
    size_t objects = 0;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(cache()))
        if (entry.path().extension() == ".o" && entry.path().parent_path().filename() == "arm-64-android") {
            INFO(entry.path().string());
            CHECK(is_for_arm(entry.path().string()));
            objects++;
        }
    CHECK(objects == kSteps + 2 * kDeviceObjects);
    const std::string runtime = folder.path() + "/halide_runtime.o";
    const std::string command = "/bin/slimscale_generate' runtime --target arm-64-android --out '" + runtime + "'";
    REQUIRE(run("'" + kBuild + command).status == 0);
    CHECK(is_for_arm(runtime));
}

// The cases below need ptxas.
#ifdef SLIMSCALE_PTXAS

namespace {

std::string with_ptxas() {
    return "PATH='" + std::filesystem::path(SLIMSCALE_PTXAS).parent_path().string() + "':/usr/bin:/bin ";
}

}  // namespace

TEST_CASE("code tables hold PTX and a cubin for each architecture, of every pipeline") {
    const TemporaryFolder folder;
    const Finished finished = generate(with_ptxas(), "cuda --archs 86,75", folder.path());
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    CHECK(tables("gcc", "", folder.path()) == "cuda: device 1, data type 0, 0, 75, 86\n" +
                                                  code_lines("PTX cubin 75 cubin 86") +
                                                  "avx2: device 0, data type 0\nbaseline: device 0, data type 0\n");
    const std::string archive = file_bytes(archive_in(folder.path()));
    CHECK(archive.find(folder.path()) == std::string::npos);
    CHECK(archive.find(cache()) == std::string::npos);
}

TEST_CASE("a second run compiles and assembles nothing and makes the same archive") {
    const TemporaryFolder first, second;
    REQUIRE(generate(with_ptxas(), "cuda --archs 75,86", first.path()).status == 0);
    const Finished finished = generate(with_ptxas(), "cuda --archs 75,86", second.path());
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    CHECK(count(finished.output, "(cached)") == kDeviceObjects + 2 * kSteps);
    CHECK((file_bytes(archive_in(first.path())) == file_bytes(archive_in(second.path()))));
}

TEST_CASE("the report has a line for every pipeline on every architecture") {
    const TemporaryFolder folder;
    REQUIRE(generate(with_ptxas(), "cuda --archs 75,86", folder.path()).status == 0);
    const std::string report = unpadded(file_bytes(folder.path() + "/report.md"));
    CHECK(report.find("assembled by ptxas 1") != std::string::npos);
    // Those with multiply-adds are in the roofline table, too.
    for (const char *pipeline : {"head_3_8", "conv3x3_8_8", "conv3x3_add_8_8", "tail4_8_3"}) {
        INFO(pipeline);
        CHECK(count(report, std::string("\n| ") + pipeline + " |") == 3);
    }
    for (const char *pipeline :
         {"load_u8_3", "load_u16_3", "load_u32_3", "store_u8_3", "store_u16_3", "store_u32_3", "clear"}) {
        INFO(pipeline);
        CHECK(count(report, std::string("\n| ") + pipeline + " |") == 2);
    }
}

TEST_CASE("an architecture that ptxas does not know is an error") {
    const TemporaryFolder folder;
    const Finished finished = generate(with_ptxas(), "cuda --archs 75,999", folder.path());
    CHECK(finished.status == 1);
    CHECK(finished.output.find("does not know sm_999") != std::string::npos);
}

TEST_CASE("Jetson's archive holds CUDA for its GPU beside NEON") {
    if (!on_path(kArmGcc) || !on_path(kQemu)) {
        WARN("left out: no " + kArmGcc + " or no " + kQemu);
        return;
    }
    const TemporaryFolder folder;
    const Finished finished = generate(with_ptxas(), "jetson", folder.path());
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    check_symbols(kArmNm, archive_in(folder.path()), {"cuda"});
    CHECK(tables(kArmGcc, kQemu, folder.path()) ==
          "cuda: device 1, data type 0, 0, 87\n" + code_lines("PTX cubin 87") + "neon: device 0, data type 0\n");
}

#endif
