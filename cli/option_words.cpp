#include "cli/option_words.h"

#include <algorithm>
#include <sstream>

namespace slimscale::cli {
namespace {

using Strings = std::vector<std::string>;
using KnownValues = std::map<std::string, Strings>;

Strings split(const std::string &text, char separator) {
    Strings parts;
    std::istringstream stream(text);
    for (std::string part; std::getline(stream, part, separator);)
        parts.push_back(part);
    return parts;
}

// Whether a user types the word as it is ("png", "709"). Other words stand for something ("FILE", "1..100", "W,W").
bool is_literal(const std::string &word) {
    return !word.empty() && std::all_of(word.begin(), word.end(),
                                        [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); });
}

bool names_files(const std::string &word) {
    for (const char *start : {"FILE", "[FILE", "DIR", "IMAGE", "IN", "OUT", "JSON", "PAGE"})
        if (word.compare(0, std::string(start).size(), start) == 0)
            return true;
    return false;
}

// Reads a type as the help shows it, with its checks behind a colon: "png|jpeg", "N:{2,3,4}", "NAME|FILE", "IN... OUT".
ValueWords values_of(const std::string &type) {
    ValueWords value;
    const size_t open = type.find(":{"), close = type.find('}');
    if (open != std::string::npos && close != std::string::npos) {
        value.values = split(type.substr(open + 2, close - open - 2), ',');
        return value;
    }
    const std::string own = type.substr(0, type.find(':'));
    for (const std::string &word : split(own, '|')) {
        if (is_literal(word))
            value.values.push_back(word);
        for (const std::string &part : split(word, ' '))
            value.files = value.files || names_files(part);
    }
    return value;
}

OptionWords words_of_option(const CLI::Option &option, const KnownValues &known) {
    OptionWords words;
    for (const std::string &name : option.get_snames())
        words.names.push_back("-" + name);
    for (const std::string &name : option.get_lnames())
        words.names.push_back("--" + name);
    words.help = option.get_description();
    words.takes_value = option.get_items_expected_max() > 0;
    words.repeats = option.get_items_expected_max() > 1;
    words.value = values_of(option.get_type_name());
    for (const std::string &name : option.get_lnames())
        if (const auto found = known.find(name); found != known.end())
            words.value.values = found->second;
    return words;
}

std::vector<OptionWords> options_of(const CLI::App &app, const KnownValues &known) {
    std::vector<OptionWords> options;
    for (const CLI::Option *option : app.get_options([](const CLI::Option *o) { return o->nonpositional(); }))
        options.push_back(words_of_option(*option, known));
    return options;
}

}  // namespace

CompletionWords words_of(const CLI::App &app, const KnownValues &values) {
    CompletionWords words{options_of(app, values), {}};
    for (const CLI::App *command : app.get_subcommands([](const CLI::App *) { return true; })) {
        CommandWords &found =
            words.commands.emplace_back(CommandWords{command->get_name(), command->get_description(), {}, {}});
        found.options = options_of(*command, values);
        for (const CLI::Option *argument :
             command->get_options([](const CLI::Option *o) { return o->get_positional(); })) {
            const ValueWords value = values_of(argument->get_type_name());
            found.arguments.files = found.arguments.files || value.files;
            found.arguments.values.insert(found.arguments.values.end(), value.values.begin(), value.values.end());
        }
    }
    return words;
}

}  // namespace slimscale::cli
