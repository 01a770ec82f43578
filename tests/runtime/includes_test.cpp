// The folders of runtime/ include each other as the table in runtime/README.md allows, and without a cycle.
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/catch.h"

namespace {

using Names = std::set<std::string>;

struct Row {
    std::string folder;
    Names may_include;
};

// "folder/file.h" -> what it includes of runtime/: "platform/memory.h", "model.h".
using Files = std::map<std::string, Names>;

std::string text_of(const std::filesystem::path &path) {
    std::ifstream in(path);
    std::stringstream text;
    text << in.rdbuf();
    return text.str();
}

Names all_matches(const std::string &text, const std::string &pattern) {
    Names found;
    const std::regex expression(pattern);
    for (auto at = std::sregex_iterator(text.begin(), text.end(), expression); at != std::sregex_iterator(); ++at)
        found.insert((*at)[1]);
    return found;
}

// Rows "| `folder/` | what it holds | `a`, `b` or nothing |", lowest folder first.
std::vector<Row> read_table(const std::string &text) {
    std::vector<Row> table;
    std::istringstream lines(text);
    const std::regex row("\\| `(\\w+)/` \\|.*\\|([^|]*)\\|");
    std::smatch match;
    for (std::string line; std::getline(lines, line);)
        if (std::regex_match(line, match, row))
            table.push_back({match[1], all_matches(match[2], "`(\\w+)/`")});
    return table;
}

Files read_files(const std::filesystem::path &runtime) {
    Files files;
    for (const auto &entry : std::filesystem::recursive_directory_iterator(runtime)) {
        const std::string name = entry.path().lexically_relative(runtime).generic_string();
        const std::string kind = entry.path().extension().string();
        if ((kind == ".h" || kind == ".cpp") && name.rfind("include/", 0) != 0)
            files[name] = all_matches(text_of(entry.path()), "#include \"runtime/([^\"]+)\"");
    }
    return files;
}

// The folder of a file; "" for files in runtime/ itself.
std::string folder_of(const std::string &file) {
    const size_t slash = file.find('/');
    return slash == std::string::npos ? "" : file.substr(0, slash);
}

// A table in which folders name only rows above theirs has no cycle.
std::vector<std::string> faults_of_table(const std::vector<Row> &table) {
    std::vector<std::string> faults;
    Names above;
    for (const Row &row : table) {
        for (const std::string &name : row.may_include)
            if (above.count(name) == 0)
                faults.push_back(row.folder + " names " + name + ", which is no row above it");
        above.insert(row.folder);
    }
    return faults;
}

// Includes that the table does not have, and entries of the table that no include needs.
std::vector<std::string> faults_of_files(const std::vector<Row> &table, const Files &files) {
    std::map<std::string, Names> unused;
    for (const Row &row : table)
        unused[row.folder] = row.may_include;
    const std::map<std::string, Names> allowed = unused;
    std::vector<std::string> faults;
    for (const auto &[file, includes] : files) {
        const std::string from = folder_of(file);
        if (!from.empty() && allowed.count(from) == 0)
            faults.push_back(file + " lies in a folder without a row");
        for (const std::string &include : includes) {
            const std::string to = folder_of(include);
            if (to.empty() || to == from)
                continue;
            if (allowed.count(from) == 0 || allowed.at(from).count(to) == 0)
                faults.push_back(file + " includes " + include);
            unused[from].erase(to);
        }
    }
    for (const auto &[folder, names] : unused)
        for (const std::string &name : names)
            faults.push_back("nothing in " + folder + " includes " + name);
    return faults;
}

const std::string kTable = "| folder | holds | may include |\n|---|---|---|\n"
                           "| `low/` | memory | |\n| `high/` | calls (`x.*`) | `low/` |\n";

}  // namespace

TEST_CASE("a made-up tree's forbidden includes are found") {
    const std::vector<Row> table = read_table(kTable);
    REQUIRE(table.size() == 2);
    CHECK(faults_of_table(table).empty());
    CHECK(faults_of_files(table, {{"low/a.h", {"model.h"}}, {"high/b.h", {"low/a.h", "high/c.h"}}}).empty());
    CHECK(faults_of_files(table, {{"low/a.h", {"high/b.h"}}, {"high/b.h", {"low/a.h"}}}) ==
          std::vector<std::string>{"low/a.h includes high/b.h"});
    CHECK(faults_of_files(table, {{"high/b.h", {"low/a.h"}}, {"new/c.h", {}}}) ==
          std::vector<std::string>{"new/c.h lies in a folder without a row"});
    CHECK(faults_of_files(table, {{"high/b.h", {}}}) == std::vector<std::string>{"nothing in high includes low"});
    CHECK(faults_of_files(table, {{"model.h", {"low/a.h"}}, {"high/b.h", {"low/a.h"}}}) ==
          std::vector<std::string>{"model.h includes low/a.h"});
    CHECK(faults_of_table({{"low", {"high"}}, {"high", {"low"}}}) ==
          std::vector<std::string>{"low names high, which is no row above it"});
}

TEST_CASE("the runtime's folders include each other as its README says") {
    const std::filesystem::path runtime = std::filesystem::path(SLIMSCALE_SOURCE_DIR) / "runtime";
    const std::vector<Row> table = read_table(text_of(runtime / "README.md"));
    const Files files = read_files(runtime);
    REQUIRE(table.size() > 5);
    REQUIRE(files.size() > 50);
    CHECK(faults_of_table(table) == std::vector<std::string>{});
    CHECK(faults_of_files(table, files) == std::vector<std::string>{});
}
