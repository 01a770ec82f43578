#include "extras/images/channels.h"
#include "host/alpha.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale::host;
using namespace slimscale::images;

namespace {

// A disc of visible noise in a transparent image of other noise.
Image disc(int width, int height, int channels, int bits) {
    Image image = noise_image(width, height, channels, bits);
    for (int y = 0; y < height; y++) {
        for (int x = 0; x < width; x++) {
            const int dx = 2 * x - width, dy = 2 * y - height;
            const bool visible = dx * dx + dy * dy < width * height / 4;
            const size_t at = (static_cast<size_t>(y) * width + x) * channels + channels - 1;
            if (bits == 8)
                image.samples[at] = visible ? 200 : 0;
            else
                image.samples_as<uint16_t>()[at] = visible ? 3 : 0;
        }
    }
    return image;
}

}  // namespace

TEST_CASE("bleeding leaves visible pixels and alpha alone") {
    for (int channels : {2, 4}) {
        const Image before = disc(37, 23, channels, 8);
        Image after = before;
        bleed_colors(after);
        for (size_t i = 0; i < before.pixels(); i++) {
            const size_t alpha = i * channels + channels - 1;
            REQUIRE(after.samples[alpha] == before.samples[alpha]);
            for (int c = 0; c < channels - 1 && before.samples[alpha] != 0; c++)
                REQUIRE(after.samples[i * channels + c] == before.samples[i * channels + c]);
        }
        Image twice = after;
        bleed_colors(twice);
        CHECK(twice.samples == after.samples);  // nothing depends on the hidden colors
    }
}

TEST_CASE("one visible color fills everything, in 8 and 16 bits") {
    for (int bits : {8, 16}) {
        Image image = disc(40, 25, 4, bits);
        for (size_t i = 0; i < image.pixels(); i++) {
            for (int c = 0; c < 3; c++) {
                const uint32_t color = 50u + 70u * static_cast<uint32_t>(c);
                if (bits == 8 && image.samples[4 * i + 3])
                    image.samples[4 * i + c] = static_cast<uint8_t>(color);
                if (bits == 16 && image.samples_as<uint16_t>()[4 * i + 3])
                    image.samples_as<uint16_t>()[4 * i + c] = static_cast<uint16_t>(color * 200);
            }
        }
        bleed_colors(image);
        for (size_t i = 0; i < image.pixels(); i++)
            for (int c = 0; c < 3; c++)
                REQUIRE((bits == 8 ? image.samples[4 * i + c] : image.samples_as<uint16_t>()[4 * i + c] / 200) ==
                        50 + 70 * c);
    }
}

TEST_CASE("a hidden pixel takes the mean of its nearer neighbors") {
    // gray and alpha:  10 visible, hidden, 30 visible, hidden, hidden
    Image image{5, 1, 2, 8, {10, 255, 99, 0, 30, 1, 99, 0, 99, 0}, {}};
    bleed_colors(image);
    CHECK(image.samples == Bytes{10, 255, 20, 0, 30, 1, 30, 0, 30, 0});
}

TEST_CASE("an image without a visible pixel, or without a hidden one, stays as it is") {
    for (uint8_t alpha : {uint8_t{0}, uint8_t{255}}) {
        Image image = noise_image(9, 9, 4, 8);
        for (size_t i = 0; i < image.pixels(); i++)
            image.samples[4 * i + 3] = alpha;
        const Image before = image;
        bleed_colors(image);
        CHECK(image.samples == before.samples);
        CHECK(fully_opaque(image) == (alpha == 255));
    }
    CHECK(fully_opaque(noise_image(3, 3, 3, 8)));
}
