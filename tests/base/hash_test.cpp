#include "base/hash.h"

#include <algorithm>

#include "tests/catch.h"

using namespace slimscale;

TEST_CASE("a hash is XXH3 with 128 bits") {
    CHECK(base::hash_text("") == "99aa06d3014798d86001c324468d497f");
}

TEST_CASE("pieces hash as the whole does, and a bit makes another hash") {
    std::string text(1000, 'x');
    const std::string whole = base::hash_text(text);
    CHECK(whole.size() == 32);
    base::Hash pieces;
    for (size_t at = 0; at < text.size(); at += 7)
        pieces.add(text.data() + at, std::min<size_t>(7, text.size() - at));
    CHECK(pieces.text() == whole);
    text[999] ^= 1;
    CHECK(base::hash_text(text) != whole);
}
