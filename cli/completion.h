// Scripts with which a user's shell completes the command line, written from the command line's own options.
#pragma once

#include <string>
#include <vector>

namespace slimscale::cli {

// What may follow an option, or be an argument.
struct ValueWords {
    std::vector<std::string> values;
    bool files = false;  // names of files and folders too
};

struct OptionWords {
    std::vector<std::string> names;  // "-m", "--model"
    std::string help;
    bool takes_value = false, repeats = false;
    ValueWords value;
};

struct CommandWords {
    std::string name, help;
    std::vector<OptionWords> options;
    ValueWords arguments;
};

struct CompletionWords {
    std::vector<OptionWords> options;  // before any command
    std::vector<CommandWords> commands;
};

enum class Shell { bash, zsh, fish };

// The whole script, as the shell reads it from a file.
std::string completion_script(Shell shell, const CompletionWords &words);

}  // namespace slimscale::cli
