#include "markup.h"

#include <regex>

#include <libxml/parser.h>
#include <libxml/xpath.h>

namespace slimscale::reports {

Markup::Markup(const std::string &html) {
    const std::string opening = "<script>", closing = "</script>";
    const size_t begin = html.find(opening) + opening.size(), end = html.find(closing, begin);
    if (begin < opening.size() || end == std::string::npos) {
        error_ = "there is no script";
        return;
    }
    script_ = html.substr(begin, end - begin);
    const std::string markup = html.substr(0, begin) + html.substr(end);

    // XML may close any element at once, HTML only those that are always empty.
    static const std::regex closed_at_once("<(?!meta |img )[^<>]*/>");
    if (std::smatch match; std::regex_search(markup, match, closed_at_once))
        error_ = "HTML does not close " + match.str();
    document_ = xmlReadMemory(markup.data(), static_cast<int>(markup.size()), nullptr, "UTF-8",
                              XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
    if (!document_)
        error_ = xmlGetLastError() ? xmlGetLastError()->message : "not read";
}

Markup::~Markup() {
    xmlFreeDoc(static_cast<xmlDocPtr>(document_));
}

std::vector<std::string> Markup::texts(const std::string &xpath) const {
    std::vector<std::string> found;
    xmlXPathContextPtr context = xmlXPathNewContext(static_cast<xmlDocPtr>(document_));
    xmlXPathObjectPtr result = xmlXPathEvalExpression(reinterpret_cast<const xmlChar *>(xpath.c_str()), context);
    for (int i = 0; result && result->nodesetval && i < result->nodesetval->nodeNr; i++) {
        xmlChar *text = xmlNodeGetContent(result->nodesetval->nodeTab[i]);
        found.emplace_back(reinterpret_cast<const char *>(text));
        xmlFree(text);
    }
    xmlXPathFreeObject(result);
    xmlXPathFreeContext(context);
    return found;
}

nlohmann::json Markup::charts() const {
    return nlohmann::json::parse(texts("//script[@id='charts']").at(0));
}

nlohmann::json Markup::chart(const std::string &title) const {
    for (const nlohmann::json &chart : charts())
        if (chart.at("title") == title)
            return chart;
    return nullptr;
}

size_t occurrences(const std::string &text, const std::string &part) {
    size_t count = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size()))
        count++;
    return count;
}

}  // namespace slimscale::reports
