#include "extras/reports/html.h"

#include "tests/catch.h"
#include "tests/extras/reports/markup.h"

using namespace slimscale::reports;

TEST_CASE("Escaped text cannot become markup, neither inside an element nor inside an attribute") {
    CHECK(escaped("<script>a && \"b\" 'c'</script>") ==
          "&lt;script&gt;a &amp;&amp; &quot;b&quot; &#39;c&#39;&lt;/script&gt;");
    CHECK(escaped("&amp;") == "&amp;amp;");
    CHECK(escaped("\u00d7 \u20ac \U0001f600\ttab\nline") == "\u00d7 \u20ac \U0001f600\ttab\nline");
}

TEST_CASE("Bytes that no page may hold become the replacement character") {
    const std::string replaced = "\uFFFD";
    CHECK(escaped(std::string("a\0b", 3)) == "a" + replaced + "b");
    CHECK(escaped("\x1b[1m\r") == replaced + "[1m" + replaced);
    CHECK(escaped("\xff") == replaced);
    CHECK(escaped("\xc3") == replaced);                                // cut off
    CHECK(escaped("\xc3<") == replaced + "&lt;");                      // what follows is not swallowed
    CHECK(escaped("\xc0\xbc") == replaced + replaced);                 // "<" in two bytes
    CHECK(escaped("\xed\xa0\x80") == replaced + replaced + replaced);  // half of a UTF-16 pair
    CHECK(escaped("\xf4\x90\x80\x80").substr(0, 3) == replaced);       // beyond Unicode
}

TEST_CASE("Elements close, attributes are escaped and left out where empty") {
    CHECK(element("p", {{"class", ""}, {"title", "\"<"}}, "a") == "<p title=\"&quot;&lt;\">a</p>");
    CHECK(element("td", {}, "") == "<td></td>");
    CHECK(leaf("path", {{"d", "M0 0"}}) == "<path d=\"M0 0\"/>");
}

TEST_CASE("Base64, with RFC 4648's examples") {
    const auto encoded = [](const std::string &text) { return base64({text.begin(), text.end()}); };
    CHECK(encoded("") == "");
    CHECK(encoded("f") == "Zg==");
    CHECK(encoded("fo") == "Zm8=");
    CHECK(encoded("foo") == "Zm9v");
    CHECK(encoded("foob") == "Zm9vYg==");
    CHECK(encoded("fooba") == "Zm9vYmE=");
    CHECK(encoded("foobar") == "Zm9vYmFy");
    CHECK(base64({0xfb, 0xff, 0xfe}) == "+//+");
}

TEST_CASE("The markup reader finds what it is there to find") {
    const auto error = [](const std::string &body) {
        return Markup("<html>" + body + "<script>&</script></html>").error();
    };
    CHECK(error("<p class=\"a b\">x<b>y</b></p>") == "");
    for (const char *broken : {"<p>", "<p></b>", "<p><b></p></b>", "</p>", "<p class=a></p>", "<p class=\"a></p>",
                               "<p>a & b</p>", "<p>a < b</p>", "<p/>", "<img>", "<p a=\"1\" a=\"2\"></p>",
                               "<p a=\"&b\"></p>", "<P></p>", "<p>&nbsp;</p>", "<p>\xff</p>"}) {
        CAPTURE(broken);
        CHECK(error(broken) != "");
    }
    CHECK(Markup("<p></p>").error() != "");
}
