#include "markup.h"

#include <algorithm>
#include <regex>
#include <set>
#include <sstream>

namespace slimscale::reports {
namespace {

const std::set<std::string> kVoid = {"img", "meta"};  // HTML's, as far as pages use them

bool is_space(char c) {
    return c == ' ' || c == '\n';
}

// Every & begins one of the five entities, and there is no stray bracket.
bool is_clean(const std::string &text) {
    static const std::regex entity("&(amp|lt|gt|quot|#39);");
    const std::string rest = std::regex_replace(text, entity, "");
    return rest.find_first_of("&<>") == std::string::npos;
}

class Reader {
public:
    explicit Reader(const std::string &text)
        : text_(text) {}

    Markup read() {
        while (markup_.error.empty() && at_ < text_.size()) {
            if (text_[at_] == '<')
                tag();
            else
                content();
        }
        if (markup_.error.empty() && !open_.empty())
            markup_.error = "never closed: " + markup_.tags[open_.back()].name;
        return std::move(markup_);
    }

private:
    void fail(const std::string &what) { markup_.error = what + " at " + text_.substr(at_, 60); }

    void content() {
        // A style sheet is raw text: nothing is an entity there.
        const bool raw = !open_.empty() && markup_.tags[open_.back()].name == "style";
        const size_t end = std::min(text_.find('<', at_), text_.size());
        const std::string text = text_.substr(at_, end - at_);
        if (!raw && !is_clean(text))
            return fail("stray & or >");
        if (open_.empty() && !std::all_of(text.begin(), text.end(), is_space))
            return fail("text outside");
        if (!open_.empty())
            markup_.tags[open_.back()].text += text;
        at_ = end;
    }

    void tag() {
        const std::string doctype = "<!DOCTYPE html>";
        if (at_ == 0 && text_.compare(0, doctype.size(), doctype) == 0)
            at_ = doctype.size();
        else if (text_.compare(at_, 2, "</") == 0)
            closing();
        else
            opening();
    }

    void closing() {
        const size_t end = text_.find('>', at_);
        const std::string name = text_.substr(at_ + 2, end - at_ - 2);
        if (open_.empty() || markup_.tags[open_.back()].name != name)
            return fail("closed out of order");
        open_.pop_back();
        at_ = end + 1;
    }

    void opening() {
        static const std::regex start("<([a-z][a-z0-9]*)");
        static const std::regex attribute(" ([a-zA-Z-]+)=\"([^\"<]*)\"");
        std::smatch match;
        const auto here = [this] { return text_.cbegin() + static_cast<ptrdiff_t>(at_); };
        const auto anchored = std::regex_constants::match_continuous;
        if (!std::regex_search(here(), text_.cend(), match, start, anchored))
            return fail("no tag");
        Tag tag;
        tag.name = match[1];
        tag.depth = open_.size();
        at_ += match.length();
        while (std::regex_search(here(), text_.cend(), match, attribute, anchored)) {
            if (!is_clean(match[2]) || !tag.attributes.emplace(match[1], match[2]).second)
                return fail("bad attribute");
            at_ += match.length();
        }
        finish(tag);
    }

    void finish(const Tag &tag) {
        const bool in_svg = tag.name == "svg" || std::any_of(open_.begin(), open_.end(), [this](size_t i) {
                                return markup_.tags[i].name == "svg";
                            });
        const bool alone = text_.compare(at_, 2, "/>") == 0;
        if (!alone && text_[at_] != '>')
            return fail("unquoted attribute or unfinished tag");
        if (!in_svg && alone != (kVoid.count(tag.name) == 1))
            return fail("an HTML element is void or closed, as its name says: " + tag.name);
        if (!alone)
            open_.push_back(markup_.tags.size());
        markup_.tags.push_back(tag);
        at_ += alone ? 2 : 1;
    }

    const std::string &text_;
    size_t at_ = 0;
    Markup markup_;
    std::vector<size_t> open_;
};

}  // namespace

std::vector<Tag> Markup::named(const std::string &name) const {
    std::vector<Tag> found;
    for (const Tag &tag : tags)
        if (tag.name == name)
            found.push_back(tag);
    return found;
}

std::vector<Tag> Markup::of_class(const std::string &name) const {
    std::vector<Tag> found;
    for (const Tag &tag : tags) {
        const auto classes = tag.attributes.find("class");
        std::istringstream words(classes == tag.attributes.end() ? "" : classes->second);
        for (std::string word; words >> word;)
            if (word == name)
                found.push_back(tag);
    }
    return found;
}

Markup read_markup(const std::string &text) {
    return Reader(text).read();
}

size_t occurrences(const std::string &text, const std::string &part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        count++;
    return count;
}

}  // namespace slimscale::reports
