// The table of generators/README.md is printed from the declarations. With SLIMSCALE_UPDATE=1 in the environment the
// test writes it instead of comparing it.
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "contract/arguments.h"
#include "tests/catch.h"

using namespace slimscale::contract;

namespace {

const std::string kReadme = SLIMSCALE_SOURCE_DIR "/generators/README.md";
const std::string kBegin = "<!-- contract: printed by tests/contract -->\n", kEnd = "<!-- end of contract -->\n";

std::string name_pattern(const BlockNames &names) {
    if (names.prefix.empty())
        return "(" + std::string(names.generator) + ")";
    std::string pattern(names.prefix);
    for (std::string_view fields = names.fields; !fields.empty();) {
        const std::string field(next_field(fields));
        if (field == "prelu" || field == "add" || field == "skip")
            pattern += "[_" + field + "]";
        else if (field == "taps")
            pattern += "[4]";
        else
            pattern += field == "segments" ? "_n<segments>" : "_<" + field + ">";
    }
    return "`" + pattern + "`";
}

std::string dimensions(const Argument &argument) {
    std::string text;
    for (int i = 0; i < argument.rank; i++) {
        const Dimension &d = argument.dims[i];
        text += (i > 0 ? ", " : "") + std::string(d.name);
        if (d.extent != kAny)
            text += " = " + (d.extent == kIn ? "in" : d.extent == kOut ? "out" : std::to_string(d.extent));
    }
    return text;
}

std::string element(Element element) {
    switch (element) {
    case Element::stored:
        return " stored";
    case Element::weights:
        return " weights";
    case Element::sample:
        return " sample";
    case Element::word:
        return " u32";
    case Element::bf16:
        return " bf16";
    case Element::int8:
        return " int8";
    case Element::f32:
        break;
    }
    return "";
}

std::string condition(When when) {
    switch (when) {
    case When::add:
        return "add: ";
    case When::q16:
        return "q16: ";
    case When::f32:
        return "f32, f16, bf16: ";
    case When::prelu:
        return "prelu: ";
    case When::clamp:
        return "without prelu: ";
    case When::skip:
        return "skip: ";
    case When::always:
        break;
    }
    return "";
}

// "weight" of "weight_3" and of "weight.3", one of several that are alike.
std::string stem_of(const Argument &a) {
    const std::string name = a.name;
    const size_t end = name.find_last_not_of("0123456789");
    return end + 1 < name.size() && (name[end] == '_' || name[end] == '.') ? name.substr(0, end) : "";
}

std::string argument_text(const Argument &a, const std::string &last) {
    std::string text = condition(a.when) + a.name + (a.per_segment ? "0…" : "") + last;
    if (a.kind == Kind::buffer)
        return text + " (" + dimensions(a) + ")" + element(a.element);
    return text + (a.kind == Kind::integer ? " int" : " float");
}

std::string table() {
    std::ostringstream text;
    text << "| pipeline | arguments after user_context | computes |\n|---|---|---|\n";
    for (const BlockNames &names : kBlockNames) {
        text << "| " << name_pattern(names) << " | ";
        const char *before = "";
        const ArgumentList list = arguments_of(names.block);
        for (const Argument *argument = list.begin(); argument != list.end(); argument++) {
            const Argument *last = argument;
            while (!stem_of(*argument).empty() && last + 1 != list.end() && stem_of(last[1]) == stem_of(*argument))
                last++;
            text << before
                 << argument_text(
                        *argument,
                        last == argument ? "" : "…" + std::string(1, last->name[std::string(last->name).size() - 1]));
            before = "; ";
            argument = last;
        }
        text << " | " << names.computes << " |\n";
    }
    return text.str();
}

}  // namespace

TEST_CASE("the table of generators/README.md says what is declared") {
    std::ifstream file(kReadme);
    std::stringstream text;
    text << file.rdbuf();
    std::string readme = text.str();
    const size_t begin = readme.find(kBegin), end = readme.find(kEnd);
    REQUIRE(begin != std::string::npos);
    REQUIRE(end != std::string::npos);
    const size_t first = begin + kBegin.size();
    if (std::getenv("SLIMSCALE_UPDATE")) {
        readme.replace(first, end - first, table());
        std::ofstream(kReadme) << readme;
        return;
    }
    INFO("run: SLIMSCALE_UPDATE=1 build/tests/test_contract");
    CHECK(readme.substr(first, end - first) == table());
}
