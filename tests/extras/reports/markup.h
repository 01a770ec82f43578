// Reads a page by libxml2: pages are well-formed XML as well, except for their script.
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace slimscale::reports {

class Markup {
public:
    explicit Markup(const std::string &html);
    ~Markup();
    Markup(const Markup &) = delete;
    Markup &operator=(const Markup &) = delete;

    const std::string &error() const { return error_; }  // "" if the page is well-formed

    // The text of each element or attribute that the XPath names, in the page's order.
    std::vector<std::string> texts(const std::string &xpath) const;
    size_t count(const std::string &xpath) const { return texts(xpath).size(); }

    const std::string &script() const { return script_; }
    nlohmann::json charts() const;                         // the charts that the script draws
    nlohmann::json chart(const std::string &title) const;  // null if no chart has this title

private:
    std::string error_, script_;
    void *document_ = nullptr;
};

size_t occurrences(const std::string &text, const std::string &part);

}  // namespace slimscale::reports
