// The symbols of archives, and that equal inputs give equal archives wherever they are made.
#include "tests/catch.h"
#include "tests/compiler/command.h"

#include <cmath>
#include <filesystem>
#include <set>
#include <sstream>

using namespace slimscale::test;

namespace {

const std::string kBuild = SLIMSCALE_BINARY_DIR;
const std::string kModel = SLIMSCALE_SOURCE_DIR "/tests/golden/data/golden_edsr_x2.safetensors";

std::set<std::string> symbols(const std::string &which, const std::string &archive) {
    const Finished nm = run("nm --format=posix " + which + " '" + archive + "'");
    REQUIRE(nm.status == 0);
    std::set<std::string> names;
    std::istringstream lines(nm.output);
    for (std::string line; std::getline(lines, line);)
        if (line.find(' ') != std::string::npos)
            names.insert(line.substr(0, line.find(' ')));
    return names;
}

std::vector<std::string> model_archives() {
    std::vector<std::string> archives;
    for (const char *folder : {"builtin", "tests"})
        for (const auto &entry : std::filesystem::directory_iterator(kBuild + "/generated/" + folder))
            if (entry.path().extension() == ".a")
                archives.push_back(entry.path().string());
    return archives;
}

bool starts_with(const std::string &text, const std::string &start) {
    return text.rfind(start, 0) == 0;
}

Finished generate(const std::string &arguments) {
    return run("'" + kBuild + "/bin/slimscale_generate' " + arguments);
}

std::string model_command(const std::string &folder) {
    return "model --model '" + kModel + "' --widths 8 --targets naive --out '" + folder + "'";
}

size_t lines_with(const std::string &text, const std::string &part) {
    size_t count = 0;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        count += line.find(part) != std::string::npos;
    return count;
}

}  // namespace

TEST_CASE("a model archive defines its one function and asks for our Halide runtime only") {
    // Of the C and math libraries: functions that compilers use, and rounding where the processor has no instruction.
    const std::set<std::string> allowed = {"memcpy", "memset", "memmove", "floorf", "_GLOBAL_OFFSET_TABLE_"};
    for (const std::string &archive : model_archives()) {
        INFO(archive);
        const std::string name = std::filesystem::path(archive).stem().string().substr(sizeof "lib" - 1);
        CHECK(symbols("--extern-only --defined-only", archive) == std::set<std::string>{name});
        for (const std::string &symbol : symbols("--undefined-only", archive)) {
            INFO(symbol);
            CHECK((starts_with(symbol, "slimscale_halide_") || allowed.count(symbol) == 1));
        }
    }
}

TEST_CASE("the library defines slimscale_* only and needs no C++ library") {
    const std::string library = kBuild + "/lib/libslimscale.a";
    for (const std::string &symbol : symbols("--extern-only --defined-only", library)) {
        INFO(symbol);
        CHECK(starts_with(symbol, "slimscale_"));
    }
    for (const std::string &symbol : symbols("--undefined-only", library)) {
        INFO(symbol);
        CHECK_FALSE(starts_with(symbol, "_Z"));
        CHECK_FALSE(starts_with(symbol, "halide_"));
    }
}

TEST_CASE("model archives run no code at program start") {
    for (const std::string &archive : model_archives()) {
        INFO(archive);
        const Finished sections = run("objdump --section-headers '" + archive + "'");
        REQUIRE(sections.status == 0);
        for (const char *section : {".init_array", ".fini_array", ".ctors", ".dtors", ".init ", ".fini "})
            CHECK(sections.output.find(section) == std::string::npos);
    }
}

TEST_CASE("equal inputs give equal archives, whatever the folders and the number of jobs") {
    const TemporaryFolder first, second;
    REQUIRE(generate(model_command(first.path()) + " --jobs 2").status == 0);
    REQUIRE(generate(model_command(second.path() + "/deeper/down") + " --jobs 1").status == 0);
    for (const char *file : {"/libslimscale_model_golden_edsr_x2.a", "/slimscale_model_golden_edsr_x2.h"}) {
        const std::string bytes = file_bytes(first.path() + file);
        CHECK_FALSE(bytes.empty());
        CHECK((bytes == file_bytes(second.path() + "/deeper/down" + file)));
    }
    const std::string archive = file_bytes(first.path() + "/libslimscale_model_golden_edsr_x2.a");
    CHECK(archive.find(first.path()) == std::string::npos);
    CHECK(archive.find(SLIMSCALE_SOURCE_DIR) == std::string::npos);
}

TEST_CASE("what is compiled is not compiled again, and nothing but the archive stays behind") {
    const TemporaryFolder folder;
    const Finished first = generate(model_command(folder.path())), second = generate(model_command(folder.path()));
    INFO(first.output << second.output);
    REQUIRE(first.status == 0);
    REQUIRE(second.status == 0);
    CHECK(lines_with(first.output, "/4] ") == 4);
    CHECK(lines_with(first.output, "(cached)") == 0);
    CHECK(lines_with(second.output, "(cached)") == 4);
    size_t entries = 0;
    for (const auto &entry : std::filesystem::directory_iterator(folder.path()))
        entries += !entry.path().empty();
    CHECK(entries == 3);  // archive, header, cache
}

TEST_CASE("the report and the header say how much code a target is, and all of it is in the archive") {
    const TemporaryFolder folder;
    const std::string report = folder.path() + "/report.md";
    const Finished finished = generate("model --model '" + kModel + "' --widths 8 --targets baseline,naive --out '" +
                                       folder.path() + "' --report '" + report + "'");
    INFO(finished.output);
    REQUIRE(finished.status == 0);
    // "| naive | 4 | 61.7 |": four pipelines, 61.7 KB.
    const std::string text = unpadded(file_bytes(report));
    const auto kilobytes = [&](const std::string &target) {
        const size_t row = text.find("\n| " + target + " | ");
        REQUIRE(row != std::string::npos);
        return std::stod(text.substr(text.find('|', text.find('|', row) + 1 + target.size() + 3) + 1));
    };
    CHECK(kilobytes("baseline") > 1);
    CHECK(kilobytes("naive") > 1);
    CHECK(std::abs(kilobytes("baseline") + kilobytes("naive") - kilobytes("all")) < 0.2);

    // What binutils count of the archive is the code, the weights (356.4 KB, with what the self-test expects) and the
    // plan.
    const Finished size = run("size --format=sysv '" + folder.path() + "/libslimscale_model_golden_edsr_x2.a'");
    REQUIRE(size.status == 0);
    const double total = std::stod(size.output.substr(size.output.find("\nTotal") + 6)) / 1e3;
    CHECK(total - 356.4 > kilobytes("all"));
    CHECK(total - 356.4 < kilobytes("all") + 100);

    const std::string header = unpadded(file_bytes(folder.path() + "/slimscale_model_golden_edsr_x2.h"));
    CHECK(header.find("// naive 4 pipelines, ") != std::string::npos);
    CHECK(header.find("// weights 356.4 KB\n") != std::string::npos);
    CHECK(header.find("// code ") != std::string::npos);
}

TEST_CASE("without weights a bundled model is less than 5 MB, all widths on all x86-64 targets") {
    size_t models = 0;
    for (const auto &entry : std::filesystem::directory_iterator(kBuild + "/generated/builtin")) {
        if (entry.path().extension() != ".h")
            continue;
        INFO(entry.path().string());
        const std::string header = unpadded(file_bytes(entry.path().string()));
        const size_t line = header.find("// weights ");
        REQUIRE(line != std::string::npos);
        std::istringstream words(header.substr(line + 11));
        double weights = 0;
        std::string unit;
        words >> weights >> unit;
        weights *= unit == "MB" ? 1e6 : 1e3;
        CHECK(weights > 1e3);
        const std::string name = entry.path().stem().string();
        const auto size = std::filesystem::file_size(kBuild + "/generated/builtin/lib" + name + ".a");
        CHECK(double(size) - weights < 5e6);
        for (const char *target : {"avx512", "avx2", "baseline"})
            CHECK(header.find(std::string("// ") + target + " ") != std::string::npos);
        models++;
    }
    CHECK(models >= 4);
}

TEST_CASE("a registered model replaces the older one of its name") {
    const TemporaryFolder folder;
    const std::string list = folder.path() + "/models.list";
    for (const char *name : {"one", "two", "one"})
        REQUIRE(generate(model_command(folder.path()) + " --name " + name + " --register '" + list + "'").status == 0);
    CHECK(file_bytes(list) ==
          "two " + folder.path() + "/libslimscale_model_two.a\none " + folder.path() + "/libslimscale_model_one.a\n");
}

TEST_CASE("a wrong request is one line that says what would do") {
    const struct {
        const char *arguments;
        const char *part;
    } cases[] = {
        {"model --network vdsr", "use edsr"},
        {"model --network edsr_small --widths 20", "the nearest are 16 and 24"},
        {"model --network edsr_small --widths 16,x", "'x' is no width"},
        {"model --network edsr_small --widths 16 --targets avx3", "no target is called 'avx3'"},
        {"model --network edsr_small --widths 16 --targets avx2,neon", "different processors"},
        {"model --network edsr_small --scale 5 --widths 16", "scale must be 1, 2, 3 or 4"},
        {"model --network edsr_small --widths 16 --name 'a b'", "cannot name a model"},
        {"model --network edsr_small --widths 16 --out /dev/null/x", "/dev/null/x"},
        {"model", "no model named"},
        {"inspect conv9x9_1_1 --out /tmp", "conv9x9_1_1"},
        {"gpu-report --network edsr_small --widths 20 --out /tmp/x", "the nearest are 16 and 24"},
    };
    for (const auto &c : cases) {
        INFO(c.arguments);
        const Finished finished = generate(c.arguments);
        INFO(finished.output);
        CHECK(finished.status == 1);
        CHECK(finished.output.find(c.part) != std::string::npos);
        CHECK(lines_with(finished.output, "") == 1);
    }
}
