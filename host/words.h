// Values of options that are one of a few words.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "base/text.h"

namespace slimscale::host {

template <class Value>
struct Word {
    const char *text;
    Value value;
};

// Finds the value of a word; `what` is the option in the error, which lists the words. After an error `value` is
// unchanged.
template <class Value, size_t kCount>
Status parse_word(const std::string &text, const char *what, const Word<Value> (&words)[kCount], Value &value) {
    std::vector<std::string> all;
    for (const Word<Value> &word : words) {
        if (text == word.text) {
            value = word.value;
            return Status();
        }
        all.emplace_back(word.text);
    }
    return Error{"'" + text + "' is no " + what + ": there are " + base::joined(all)};
}

}  // namespace slimscale::host
