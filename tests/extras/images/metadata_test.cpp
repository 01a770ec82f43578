#include "extras/images/channels.h"
#include "extras/images/exif.h"
#include "extras/images/metadata.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale::images;

TEST_CASE("density grows with the pixels and does not overflow") {
    std::vector<Chunk> chunks;
    add_density(chunks, {2835, 0x60000000, true});
    scale_density(chunks, 4);
    CHECK(density(chunks).x == 4 * 2835);
    CHECK(density(chunks).y == 0x7fffffff);

    std::vector<Chunk> ratio;
    add_density(ratio, {2, 1, false});
    scale_density(ratio, 4);
    CHECK(density(ratio).x == 2);
    CHECK(density({}).x == 0);
}

TEST_CASE("profiles pack and unpack, damaged ones are none") {
    std::vector<Chunk> chunks;
    const Bytes profile(100000, 42);
    add_icc_profile(chunks, profile);
    REQUIRE(chunks.size() == 1);
    CHECK(icc_profile(chunks) == profile);
    for (size_t size = 0; size < chunks[0].data.size(); size++) {
        std::vector<Chunk> cut = chunks;
        cut[0].data.resize(size);
        CHECK(icc_profile(cut).empty());
    }
    CHECK(icc_profile({}).empty());
}

TEST_CASE("a profile that unpacks to gigabytes is not unpacked") {
    std::vector<Chunk> chunks;
    add_icc_profile(chunks, Bytes((size_t{16} << 20) + 1, 0));
    CHECK(chunks.empty());
}

TEST_CASE("orientation is read within bounds") {
    for (bool big_endian : {false, true}) {
        const Bytes whole = make_exif(6, big_endian);
        for (size_t size = 0; size < whole.size(); size++) {
            Bytes cut(whole.begin(), whole.begin() + static_cast<ptrdiff_t>(size));
            const int orientation = take_orientation(cut);
            CHECK((orientation == 1 || orientation == 6));
        }
        Bytes far = whole;
        far[4] = far[5] = far[6] = far[7] = 0xff;
        CHECK(take_orientation(far) == 1);
        Bytes odd = make_exif(9, big_endian);
        CHECK(take_orientation(odd) == 1);
    }
}

TEST_CASE("a resolution that both sides share grows once") {
    constexpr std::ptrdiff_t kXOffset = 54, kYOffset = 66;  // where the entries of make_full_exif name their places
    for (bool big_endian : {false, true}) {
        Bytes exif = make_full_exif(1, big_endian, 24, 16);
        std::copy_n(exif.begin() + kXOffset, 4, exif.begin() + kYOffset);
        scale_exif_resolution(exif, 3);
        CHECK(read_full_exif(exif).x_resolution == 3 * 72);
        scale_exif_resolution(exif, 2, /*sides_turn=*/true);
        CHECK(read_full_exif(exif).x_resolution == 6 * 72);
        CHECK(read_full_exif(exif).y_resolution == 100);  // nobody's now
    }
}

TEST_CASE("turning puts pixels where EXIF says") {
    // 3 x 2:  0 1 2 / 3 4 5
    const std::vector<std::vector<uint8_t>> expected = {
        {0, 1, 2, 3, 4, 5}, {2, 1, 0, 5, 4, 3}, {5, 4, 3, 2, 1, 0}, {3, 4, 5, 0, 1, 2},
        {0, 3, 1, 4, 2, 5}, {3, 0, 4, 1, 5, 2}, {5, 2, 4, 1, 3, 0}, {2, 5, 1, 4, 0, 3},
    };
    for (int orientation = 1; orientation <= 8; orientation++) {
        Image image{3, 2, 1, 8, {0, 1, 2, 3, 4, 5}, {}};
        apply_orientation(image, orientation);
        CAPTURE(orientation);
        CHECK(image.samples == expected[static_cast<size_t>(orientation - 1)]);
        CHECK(image.width == (orientation >= 5 ? 2 : 3));
    }
}

TEST_CASE("gray through RGB and back is the same gray") {
    for (int bits : {8, 16}) {
        for (int channels : {1, 2}) {
            const Image gray = noise_image(31, 9, channels, bits);
            const Image rgb = gray_to_rgb(gray);
            CHECK(rgb.channels == channels + 2);
            CHECK(rgb_to_gray(rgb).samples == gray.samples);
        }
    }
    const Image rgb = noise_image(5, 5, 3, 16);
    const Image rgba = with_opaque_alpha(rgb);
    CHECK(rgba.samples_as<uint16_t>()[3] == 65535);
    CHECK(without_alpha(rgba).samples == rgb.samples);
}

TEST_CASE("16 bits become 8 by rounding") {
    Image image{4, 1, 1, 16, {}, {}};
    image.allocate();
    const uint16_t values[] = {0, 65535, 128, 129};  // 257 to one: 128.5 is the border
    std::copy(values, values + 4, image.samples_as<uint16_t>());
    CHECK(to_8_bits(image).samples == Bytes{0, 255, 0, 1});
}
