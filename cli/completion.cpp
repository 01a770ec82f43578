#include "cli/completion.h"

#include <utility>

#include "base/text.h"

namespace slimscale::cli {
namespace {

using base::joined;
using Strings = std::vector<std::string>;

Strings names_of(const std::vector<OptionWords> &options) {
    Strings names;
    for (const OptionWords &option : options)
        names.insert(names.end(), option.names.begin(), option.names.end());
    return names;
}

Strings names_of(const std::vector<CommandWords> &commands) {
    Strings names;
    for (const CommandWords &command : commands)
        names.push_back(command.name);
    return names;
}

// `text` with each of `letters` behind a backslash.
std::string escaped(const std::string &text, const std::string &letters) {
    std::string result;
    for (const char letter : text) {
        if (letters.find(letter) != std::string::npos)
            result += '\\';
        result += letter;
    }
    return result;
}

// The text in single quotes, within which bash and zsh know no escapes: a quote in it ends them and begins them anew.
std::string quoted(const std::string &text) {
    std::string result = "'";
    for (const char letter : text)
        result += letter == '\'' ? "'\\''" : std::string(1, letter);
    return result + "'";
}

// ---- bash ----

constexpr const char *kBashBegin = R"(# Completion of slimscale in bash: written by `slimscale completion bash`.
_slimscale() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= values= files= i
    # Bash splits --option=value at the sign.
    if [[ $word == = ]]; then
        word=
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD-2]}
    fi
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
)";

constexpr const char *kBashEnd = R"(    esac
    local IFS=$'\n'
    COMPREPLY=($(compgen -W "${values// /$IFS}" -- "$word"))
    if [[ -n $files ]]; then
        # Names with spaces become one word, and a folder's name may be continued.
        compopt -o filenames 2>/dev/null
        COMPREPLY+=($(compgen -f -- "$word"))
    fi
}
complete -F _slimscale slimscale
)";

std::string bash_values(const ValueWords &value) {
    return "values='" + joined(value.values, " ") + "'" + (value.files ? " files=1" : "");
}

// A case for each option that takes a value, such as "upscale --format", with the words that may follow.
std::string bash_cases(const CommandWords &command) {
    std::string text;
    for (const OptionWords &option : command.options) {
        if (!option.takes_value)
            continue;
        Strings patterns;
        for (const std::string &name : option.names)
            patterns.push_back("\"" + command.name + " " + name + "\"");
        text += "    " + joined(patterns, " | ") + ") " + bash_values(option.value) + " ;;\n";
    }
    return text;
}

std::string bash_script(const CompletionWords &words) {
    std::string text = kBashBegin;
    text += "        " + joined(names_of(words.commands), " | ") + ") command=${COMP_WORDS[i]}; break ;;\n";
    text += "        esac\n    done\n    case \"$command $before\" in\n";
    for (const CommandWords &command : words.commands)
        text += bash_cases(command);
    text += "    *)\n        case \"$command $word\" in\n";
    for (const CommandWords &command : words.commands) {
        text += "        \"" + command.name + " -\"*) values='" + joined(names_of(command.options), " ") + "' ;;\n";
        text += "        \"" + command.name + " \"*) " + bash_values(command.arguments) + " ;;\n";
    }
    text += "        \" -\"*) values='" + joined(names_of(words.options), " ") + "' ;;\n";
    text += "        *) values='" + joined(names_of(words.commands), " ") + "' ;;\n        esac\n        ;;\n";
    return text + kBashEnd;
}

// ---- zsh ----

std::string zsh_action(const ValueWords &value) {
    if (value.files)
        return value.values.empty() ? "_files" : "{ compadd -- " + joined(value.values, " ") + "; _files }";
    return value.values.empty() ? " " : "(" + joined(value.values, " ") + ")";
}

// An option as _arguments reads it: '(-m --model)'{-m,--model}'[help]:value:action'.
std::string zsh_option(const OptionWords &option) {
    std::string text = option.repeats ? "'*'" : "'(" + joined(option.names, " ") + ")'";
    Strings names = option.names;
    for (std::string &name : names)
        if (option.takes_value && name.compare(0, 2, "--") == 0)
            name += "=";
    text += names.size() == 1 ? names[0] : "{" + joined(names, ",") + "}";
    std::string rest = "[" + escaped(option.help, "[]:\\") + "]";
    if (option.takes_value)
        rest += ":value:" + zsh_action(option.value);
    return text + quoted(rest);
}

std::string zsh_command(const CommandWords &command) {
    std::string text = "        " + command.name + ")\n            _arguments -s -S";
    for (const OptionWords &option : command.options)
        text += " \\\n                " + zsh_option(option);
    return text + " \\\n                " + quoted("*:argument:" + zsh_action(command.arguments)) +
           "\n            ;;\n";
}

std::string zsh_script(const CompletionWords &words) {
    std::string text =
        "#compdef slimscale\n# Completion of slimscale in zsh: written by `slimscale completion zsh`.\n_slimscale() {\n"
        "    local state line\n    local -a commands=(\n";
    for (const CommandWords &command : words.commands)
        text += "        " + quoted(command.name + ":" + escaped(command.help, ":\\")) + "\n";
    text += "    )\n    _arguments -C";
    for (const OptionWords &option : words.options)
        text += " \\\n        " + zsh_option(option);
    text += " \\\n        '1:command:->command' '*::argument:->arguments'\n";
    text +=
        "    case $state in\n    command) _describe command commands ;;\n    arguments)\n        case $words[1] in\n";
    for (const CommandWords &command : words.commands)
        text += zsh_command(command);
    // If zsh finds the file by its name in fpath, the file is the function's body; if it is sourced, it only defines
    // the function.
    return text + "        esac\n        ;;\n    esac\n}\nif [[ ${funcstack[1]} == _slimscale ]]; then\n"
                  "    _slimscale \"$@\"\nelse\n    compdef _slimscale slimscale\nfi\n";
}

// ---- fish ----

std::string fish_quoted(const std::string &text) {
    return "'" + escaped(text, "'\\") + "'";
}

std::string fish_option(const OptionWords &option, const std::string &condition) {
    std::string text = "complete -c slimscale -n " + fish_quoted(condition);
    for (const std::string &name : option.names)
        text += name.compare(0, 2, "--") == 0 ? " -l " + name.substr(2) : " -s " + name.substr(1);
    if (option.takes_value) {
        text += option.value.files ? " -r -F" : " -x";
        if (!option.value.values.empty())
            text += " -a " + fish_quoted(joined(option.value.values, " "));
    }
    return text + " -d " + fish_quoted(option.help) + "\n";
}

std::string fish_script(const CompletionWords &words) {
    std::string text = "# Completion of slimscale in fish: written by `slimscale completion fish`.\n"
                       "complete -c slimscale -f\n";
    for (const OptionWords &option : words.options)
        text += fish_option(option, "__fish_use_subcommand");
    for (const CommandWords &command : words.commands) {
        const std::string chosen = "__fish_seen_subcommand_from " + command.name;
        text += "complete -c slimscale -n __fish_use_subcommand -a " + command.name + " -d " +
                fish_quoted(command.help) + "\n";
        for (const OptionWords &option : command.options)
            text += fish_option(option, chosen);
        if (command.arguments.files)
            text += "complete -c slimscale -n " + fish_quoted(chosen) + " -F\n";
        if (!command.arguments.values.empty())
            text += "complete -c slimscale -n " + fish_quoted(chosen) + " -a " +
                    fish_quoted(joined(command.arguments.values, " ")) + "\n";
    }
    return text;
}

}  // namespace

std::string completion_script(Shell shell, const CompletionWords &words) {
    switch (shell) {
    case Shell::bash:
        return bash_script(words);
    case Shell::zsh:
        return zsh_script(words);
    case Shell::fish:
        break;
    }
    return fish_script(words);
}

}  // namespace slimscale::cli
