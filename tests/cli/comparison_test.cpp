#include "cli/comparison.h"
#include "extras/images/channels.h"
#include "extras/images/metadata.h"
#include "extras/quality/pictures.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale;
using namespace slimscale::cli;
using namespace slimscale::images;

TEST_CASE("a page shows all of a result, or of a large one the middle") {
    for (const auto &[width, height, scale, x, y, shown_width, shown_height] : {std::tuple{40, 30, 2, 0, 0, 40, 30},
                                                                                {768, 576, 2, 0, 0, 768, 576},
                                                                                {769, 576, 2, 0, 0, 768, 576},
                                                                                {6000, 4000, 4, 2808, 1856, 384, 288},
                                                                                {6000, 4000, 1, 2232, 1424, 1536, 1152},
                                                                                {100, 9000, 2, 0, 4212, 100, 576},
                                                                                {1 << 20, 1, 2, 523904, 0, 768, 1},
                                                                                {1, 1, 3, 0, 0, 1, 1}}) {
        CAPTURE(width, height, scale);
        const Excerpt excerpt = excerpt_of(width, height, scale);
        CHECK(excerpt.x == x);
        CHECK(excerpt.y == y);
        CHECK(excerpt.width == shown_width);
        CHECK(excerpt.height == shown_height);
    }
}

TEST_CASE("an excerpt of bicubic is that of the whole image") {
    const Image image = noise_image(40, 30, 3, 8);
    for (const Excerpt &excerpt :
         {Excerpt{0, 0, 40, 30}, {0, 0, 7, 9}, {33, 21, 7, 9}, {13, 11, 10, 5}, {20, 15, 1, 1}})
        for (const int scale : {1, 2, 3, 4}) {
            CAPTURE(excerpt.x, excerpt.y, scale);
            const Image whole = quality::resized(image, 40 * scale, 30 * scale);
            CHECK(bicubic_excerpt(image, excerpt, scale).samples ==
                  quality::cropped(whole, scale * excerpt.x, scale * excerpt.y, scale * excerpt.width,
                                   scale * excerpt.height)
                      .samples);
        }
}

TEST_CASE("what bicubic makes of 16 bits and hidden colors has 8 bits and no fringes") {
    Image image{2, 1, 4, 8, {200, 100, 50, 255, 0, 0, 0, 0}, {}, {}};
    const Image shown = bicubic_excerpt(image, {0, 0, 2, 1}, 2);
    CHECK(shown.channels == 4);
    CHECK(shown.samples[12] == 200);  // of the last, invisible pixel
    const Image deep = bicubic_excerpt(noise_image(9, 7, 1, 16), {0, 0, 9, 7}, 2);
    CHECK(deep.bits == 8);
    CHECK(deep.samples.size() == 18 * 14);
}

TEST_CASE("a page has the colors of its pictures, and not their place") {
    Image image = noise_image(9, 7, 3, 8);
    add_icc_profile(image.metadata, std::vector<uint8_t>(300, 9));
    add_chunk(image.metadata, "tEXt", {'A', 0, 'b'});
    add_chunk(image.metadata, "eXIf", {'M', 'M', 0, 42, 0, 0, 0, 8, 0, 0, 0, 0, 0, 0});
    const Image shown = bicubic_excerpt(image, {0, 0, 9, 7}, 2);
    add_chunk(image.metadata, "cLLI", {0, 0, 0, 1, 0, 0, 0, 1});
    CHECK(bicubic_excerpt(image, {0, 0, 9, 7}, 2).metadata.size() == 2);
    CHECK(shown.metadata.size() == 1);
    CHECK(icc_profile(shown.metadata).size() == 300);
}
