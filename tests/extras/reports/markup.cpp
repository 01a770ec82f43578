#include "markup.h"

#include <algorithm>
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
    if (text.find_first_of("<>") != std::string::npos)
        return false;
    for (size_t at = text.find('&'); at != std::string::npos; at = text.find('&', at + 1)) {
        const auto begins = [&](const std::string &entity) { return text.compare(at, entity.size(), entity) == 0; };
        if (!begins("&amp;") && !begins("&lt;") && !begins("&gt;") && !begins("&quot;") && !begins("&#39;"))
            return false;
    }
    return true;
}

bool is_small_letter(char c) {
    return c >= 'a' && c <= 'z';
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
        Tag tag;
        tag.depth = open_.size();
        at_++;
        while (at_ < text_.size() && (is_small_letter(text_[at_]) || (text_[at_] >= '0' && text_[at_] <= '9')))
            tag.name += text_[at_++];
        if (tag.name.empty() || !is_small_letter(tag.name[0]))
            return fail("no tag");
        while (at_ < text_.size() && text_[at_] == ' ' && markup_.error.empty())
            attribute(&tag);
        if (markup_.error.empty())
            finish(tag);
    }

    // ` name="value"`
    void attribute(Tag *tag) {
        const std::string opener = "=\"";
        const size_t middle = text_.find(opener, at_);
        const size_t end = middle == std::string::npos ? middle : text_.find('"', middle + opener.size());
        if (end == std::string::npos)
            return fail("bad attribute");
        const std::string name = text_.substr(at_ + 1, middle - at_ - 1);
        const std::string value = text_.substr(middle + opener.size(), end - middle - opener.size());
        const auto in_name = [](char c) { return is_small_letter(c) || c == 'B' || c == '-'; };  // "viewBox"
        const bool good = !name.empty() && std::all_of(name.begin(), name.end(), in_name) && is_clean(value);
        if (!good || !tag->attributes.emplace(name, value).second)
            return fail("bad attribute");
        at_ = end + 1;
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

std::vector<std::string> texts(const std::vector<Tag> &tags) {
    std::vector<std::string> found;
    for (const Tag &tag : tags)
        found.push_back(tag.text);
    return found;
}

size_t occurrences(const std::string &text, const std::string &part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        count++;
    return count;
}

}  // namespace slimscale::reports
