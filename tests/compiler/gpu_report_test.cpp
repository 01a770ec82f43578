// The report on CUDA kernels, with a stand-in for ptxas that reports what a test asks for.
#include "tests/catch.h"
#include "tests/compiler/command.h"

#include <filesystem>
#include <fstream>

using namespace slimscale::test;

namespace {

// Writes a ptxas that reports `frame` bytes of stack for every kernel and writes an empty cubin.
void write_assembler(const std::string &folder, int frame) {
    const std::string path = folder + "/ptxas";
    std::ofstream(path)
        << "#!/bin/sh\n"
           "[ \"$1\" = --version ] && echo 'release 12.9, V12.9.86' && exit 0\n"
           "[ \"$1\" = --help ] && echo \"'sm_86'\" && exit 0\n"
           "sed -n \"s/.*\\.entry \\([A-Za-z0-9_]*\\).*/ptxas info : Compiling entry function '\\1'/p\" \"$3\" |\n"
           "while read -r line; do\n"
           "    echo \"$line for 'sm_86'\"\n"
           "    echo '    "
        << frame
        << " bytes stack frame, 0 bytes spill stores, 0 bytes spill loads'\n"
           "    echo 'ptxas info : Used 40 registers'\n"
           "done >&2\n"
           ": > \"$5\"\n";
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);
}

Finished generate(const TemporaryFolder &folder, const std::string &command) {
    const std::string program = SLIMSCALE_BINARY_DIR "/bin/slimscale_generate";
    return run("PATH='" + folder.path() + "':/usr/bin:/bin '" + program + "' " + command +
               " --network edsr_small --widths 8 --archs 86 --out '" + folder.path() + "/out'");
}

Finished report(const TemporaryFolder &folder) {
    return generate(folder, "gpu-report");
}

}  // namespace

TEST_CASE("every pipeline of a model has its line in the report") {
    const TemporaryFolder folder;
    write_assembler(folder.path(), 0);
    const Finished finished = report(folder);
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    const std::string text = unpadded(file_bytes(folder.path() + "/out/report.md"));
    CHECK(text.find("ptxas 12.9.86") != std::string::npos);
    for (const char *pipeline : {"head_3_8", "conv3x3_8_8", "conv3x3_add_8_8", "tail4_8_3"})
        CHECK(text.find(std::string("| ") + pipeline + " | 128 | 40 | 5120 | 0 | 0 | 0 |") != std::string::npos);
}

TEST_CASE("a stack frame is an error that names the report") {
    const TemporaryFolder folder;
    write_assembler(folder.path(), 16);
    const Finished finished = report(folder);
    CHECK(finished.status == 1);
    CHECK(finished.output.find("spill registers or have a stack frame: see ") != std::string::npos);
    CHECK(unpadded(file_bytes(folder.path() + "/out/report.md")).find("| 16 |") != std::string::npos);
}

TEST_CASE("kernels with a stack frame are right, only slow: the archive is made and says so") {
    const TemporaryFolder folder;
    write_assembler(folder.path(), 16);
    const std::string path = folder.path() + "/out/report.md";
    const Finished finished = generate(folder, "model --targets cuda,naive --report '" + path + "'");
    INFO(finished.output);
    CHECK(finished.status == 0);
    CHECK(finished.output.find("stack frame: see " + path) != std::string::npos);
    CHECK(unpadded(file_bytes(path)).find("| 16 |") != std::string::npos);
    CHECK(std::filesystem::exists(folder.path() + "/out/libslimscale_model_edsr_small_x2.a"));
}

TEST_CASE("without ptxas one line says where it comes from") {
    const TemporaryFolder folder;
    const Finished finished = report(folder);
    CHECK(finished.status == 1);
    CHECK(finished.output.find("ptxas is not on PATH") != std::string::npos);
}

namespace {

// Times as bench_pipelines writes them.
std::string measured_file(const TemporaryFolder &folder, const std::string &format) {
    const std::string path = folder.path() + "/measured.json";
    std::ofstream(path) << "{\"format\": \"" << format << "\", \"format_version\": 1, \"rows\": [\n"
                        << R"( {"device": "NVIDIA GeForce RTX 3090", "target": "cuda", "pipeline": "conv3x3_8_8",
  "microseconds": 123.4},
 {"device": "NVIDIA GeForce RTX 3090", "target": "cuda_f16", "pipeline": "head_3_8", "microseconds": 1},
 {"device": "Some GPU", "target": "cuda", "pipeline": "conv3x3_8_8", "microseconds": 55.5}]})";
    return path;
}

}  // namespace

TEST_CASE("every pipeline has its place under a roofline, and what was measured stands beside it") {
    const TemporaryFolder folder;
    write_assembler(folder.path(), 0);
    const std::string measured = measured_file(folder, "slimscale-pipelines");
    const Finished finished = generate(folder, "gpu-report --measured '" + measured + "'");
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    const std::string text = unpadded(file_bytes(folder.path() + "/out/report.md"));
    INFO(text);
    // 640x360 pixels, 9 taps, 8 channels to 8: 132.7 million FMA in 123.4 microseconds; 16 values of 4 bytes a pixel.
    CHECK(text.find("| conv3x3_8_8 | 132.7 | 14.7 | 9.0 | NVIDIA GeForce RTX 3090 | 123.4 | 1075.4 | 119.5 |") !=
          std::string::npos);
    CHECK(text.find("| conv3x3_8_8 | 132.7 | 14.7 | 9.0 | Some GPU | 55.5 | 2391.2 | 265.7 |") != std::string::npos);
    CHECK(text.find("| conv3x3_add_8_8 | 132.7 | 22.1 | 6.0 | – | – | – | – |") != std::string::npos);
}

TEST_CASE("a file that is not bench_pipelines' is refused by its name") {
    const TemporaryFolder folder;
    write_assembler(folder.path(), 0);
    const std::string measured = measured_file(folder, "slimscale-bench");
    const Finished finished = generate(folder, "gpu-report --measured '" + measured + "'");
    CHECK(finished.status == 1);
    CHECK(finished.output.find(measured + " is no file of bench_pipelines") != std::string::npos);
}
