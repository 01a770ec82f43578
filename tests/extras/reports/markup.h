// A small strict reader of the markup that pages are made of: what it accepts, a browser reads without repairing it.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace slimscale::reports {

struct Tag {
    std::string name;
    std::map<std::string, std::string> attributes;  // as written, entities and all
    std::string text;                               // directly inside, as written
    size_t depth = 0;
};

struct Markup {
    std::vector<Tag> tags;  // in order of their beginnings
    std::string error;      // "" if every tag is closed in order, every attribute quoted, and every & an entity

    std::vector<Tag> named(const std::string &name) const;
    std::vector<Tag> of_class(const std::string &name) const;  // one of the words in `class`
};

Markup read_markup(const std::string &text);

std::vector<std::string> texts(const std::vector<Tag> &tags);

size_t occurrences(const std::string &text, const std::string &part);

}  // namespace slimscale::reports
