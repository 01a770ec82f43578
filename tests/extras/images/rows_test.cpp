// Files in rows against whole images: the same pixels, metadata and sentences.
#include "extras/images/rows.h"

#include <algorithm>
#include <filesystem>

#include "base/files.h"
#include "extras/images/metadata.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"
#include "tests/scratch.h"

using namespace slimscale;
using namespace slimscale::images;

namespace {

std::unique_ptr<RowReader> open_file(const std::string &path, const Bytes &bytes) {
    REQUIRE(base::write_file(path, bytes).error() == "");
    Result<std::unique_ptr<RowReader>> rows = open_rows(path);
    REQUIRE(rows.error() == "");
    return *std::move(rows);
}

// Reads a file in bands of `count` rows; the error is the first one.
Status read_in_bands(const std::string &path, int count, Image &image) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::unique_ptr<RowReader> rows, open_rows(path));
    REQUIRE(rows);
    image = rows->image();
    image.allocate();
    for (int y = 0; y < image.height; y += count)
        SLIMSCALE_RETURN_IF_ERROR(rows->read(image.samples.data() + static_cast<size_t>(y) * image.row_bytes(),
                                             std::min(count, image.height - y)));
    return rows->finish();
}

void check_bands(const std::string &path, const Bytes &bytes) {
    Image whole;
    REQUIRE(decode_image(bytes, whole).error() == "");
    REQUIRE(base::write_file(path, bytes).error() == "");
    for (const int count : {1, 2, 3, 100}) {
        CAPTURE(count);
        Image read;
        REQUIRE(read_in_bands(path, count, read).error() == "");
        CHECK(read.width == whole.width);
        CHECK(read.channels == whole.channels);
        CHECK(read.bits == whole.bits);
        CHECK(read.samples == whole.samples);
        CHECK(read.notes == whole.notes);
        REQUIRE(read.metadata.size() == whole.metadata.size());
        for (size_t i = 0; i < read.metadata.size(); i++)
            CHECK(read.metadata[i].data == whole.metadata[i].data);
    }
}

Bytes encoded(const Image &image, FileFormat format, const WriteOptions &options = {}) {
    Bytes bytes;
    REQUIRE(encode_image(image, format, options, bytes).error() == "");
    return bytes;
}

}  // namespace

TEST_CASE("PNGs and JPEGs in bands of rows are the whole images") {
    Scratch scratch;
    for (const auto &[color_type, bits] :
         {std::pair{0, 1}, {0, 8}, {0, 16}, {2, 8}, {2, 16}, {3, 4}, {4, 8}, {6, 16}}) {
        CAPTURE(color_type, bits);
        PngSpec spec;
        spec.color_type = color_type;
        spec.bit_depth = bits;
        spec.chunks = {{{'p', 'H', 'Y', 's'}, {0, 0, 11, 18, 0, 0, 11, 18, 1}}};
        check_bands(scratch / "a", make_png(spec).bytes);
        Bytes longer = make_png(spec).bytes, shorter = longer;
        longer.resize(longer.size() + 100);   // data after the end
        shorter.resize(longer.size() - 112);  // no end
        check_bands(scratch / "a", longer);
        check_bands(scratch / "a", shorter);
    }
    for (const int channels : {1, 3}) {
        JpegSpec spec;
        spec.exif = make_exif(1, false);
        spec.restart_rows = 1;
        check_bands(scratch / "a", make_jpeg(smooth_image(37, 41, channels), spec));
        Bytes no_end = make_jpeg(smooth_image(37, 41, channels), {});
        no_end.resize(no_end.size() - 2);
        check_bands(scratch / "a", no_end);
    }
}

TEST_CASE("a file says beforehand what of it cannot come in rows") {
    Scratch scratch;
    PngSpec interlaced;
    interlaced.interlaced = true;
    const std::unique_ptr<RowReader> png = open_file(scratch / "a", make_png(interlaced).bytes);
    CHECK(!png->in_order());
    Image read, whole;
    REQUIRE(read_all_rows(*png, read).error() == "");
    REQUIRE(decode_image(make_png(interlaced).bytes, whole).error() == "");
    CHECK(read.samples == whole.samples);
    CHECK(open_file(scratch / "a", make_png({}).bytes)->in_order());

    const Image image = smooth_image(40, 24, 3);
    JpegSpec spec;
    CHECK(open_file(scratch / "a", make_jpeg(image, spec))->held_bytes() == 0);
    constexpr uint64_t kBlocks = 5 * 3 + 2 * (3 * 2);  // of luma, and of chroma at half the size
    constexpr uint64_t kHeld = kBlocks * 64 * 2;
    spec.progressive = true;
    CHECK(open_file(scratch / "a", make_jpeg(image, spec))->held_bytes() == kHeld);
    check_bands(scratch / "a", make_jpeg(image, spec));
    spec.progressive = false;
    spec.interleaved = false;
    CHECK(open_file(scratch / "a", make_jpeg(image, spec))->held_bytes() == kHeld);

    spec = {};
    for (const int orientation : {1, 3, 6}) {
        spec.exif = make_exif(orientation, false);
        const std::unique_ptr<RowReader> rows = open_file(scratch / "a", make_jpeg(image, spec));
        CHECK(rows->orientation() == orientation);
        CHECK(rows->image().width == 40);
        REQUIRE(read_all_rows(*rows, read).error() == "");
        CHECK(read.width == (orientation == 6 ? 24 : 40));
    }
}

TEST_CASE("cut files fail in rows with the sentences of whole ones") {
    Scratch scratch;
    for (const Bytes &bytes : {make_png({}).bytes, make_jpeg(smooth_image(33, 29, 3), {})}) {
        size_t failed = 0;
        for (size_t size = 8; size < bytes.size(); size += 1 + bytes.size() / 150) {
            CAPTURE(size, bytes.size());
            const Bytes cut(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
            Image whole, read;
            const Status expected = decode_image(cut, whole);
            REQUIRE(base::write_file(scratch / "cut", cut).error() == "");
            for (const int count : {1, 7, 1000})
                CHECK(read_in_bands(scratch / "cut", count, read).error() == expected.error());
            failed += expected ? 0 : 1;
        }
        CHECK(failed > 20);
    }
}

TEST_CASE("what has no rows is left to whole images") {
    Scratch scratch;
    REQUIRE(base::write_file(scratch / "text", std::string_view("nothing")).error() == "");
    REQUIRE(base::write_file(scratch / "empty", std::string_view()).error() == "");
    REQUIRE(base::write_file(scratch / "webp", std::string_view("RIFF....WEBPVP8 ")).error() == "");
    for (const char *name : {"text", "empty", "webp", "missing", "."}) {
        CAPTURE(name);
        const Result<std::unique_ptr<RowReader>> rows = open_rows(scratch / name);
        REQUIRE(rows.error() == "");
        CHECK(!*rows);
    }
    const Result<std::unique_ptr<RowReader>> dev = open_rows("/dev/zero");
    REQUIRE(dev.error() == "");
    CHECK(!*dev);
}

TEST_CASE("files that are written in rows are those of whole images") {
    Scratch scratch;
    for (const FileFormat format : {FileFormat::png, FileFormat::jpeg})
        for (const int channels : {1, 2, 3, 4})
            for (const int bits : {8, 16}) {
                CAPTURE(static_cast<int>(format), channels, bits);
                Image image = noise_image(21, 37, channels, bits);
                if (format == FileFormat::jpeg && image.has_alpha())
                    make_opaque(image);
                add_chunk(image.metadata, "eXIf", make_exif(1, false));
                add_density(image.metadata, {3000, 3000, true});
                const std::string path = scratch / "rows";
                WriteOptions options;
                options.format = format;
                Result<std::unique_ptr<RowWriter>> rows = write_rows(path, image, options);
                REQUIRE(rows.error() == "");
                for (int y = 0; y < image.height; y += 5)
                    REQUIRE((*rows)
                                ->write(image.samples.data() + static_cast<size_t>(y) * image.row_bytes(),
                                        std::min(5, image.height - y))
                                .error() == "");
                CHECK(!std::filesystem::exists(path));
                REQUIRE((*rows)->finish().error() == "");
                const auto written = base::read_file(path);
                REQUIRE(written.error() == "");
                CHECK(*written == encoded(image, format, options));
                std::filesystem::remove(path);
            }
}

TEST_CASE("a file of which rows are missing does not appear") {
    Scratch scratch;
    const Image image = noise_image(21, 37, 3, 8);
    for (const char *name : {"a.png", "a.jpg"}) {
        CAPTURE(name);
        for (const bool finishes : {false, true}) {
            Result<std::unique_ptr<RowWriter>> rows = write_rows(scratch / name, image, {});
            REQUIRE(rows.error() == "");
            REQUIRE((*rows)->write(image.samples.data(), 30).error() == "");
            if (finishes)
                CHECK((*rows)->finish().error() != "");
        }
        CHECK(!std::filesystem::exists(scratch / name));
    }
    CHECK(write_rows(scratch / "nosuch/a.png", image, {}).error() != "");
    CHECK(write_rows(scratch / "a.jpg", Image{65501, 1, 3, 8, {}, {}}, {}).error() != "");
}
