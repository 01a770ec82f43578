// XMP through files: kept, with numbers about pixels that stay true.
#include "extras/images/xmp.h"

#include <algorithm>
#include <string>

#include "extras/images/metadata.h"
#include "extras/images/vips.h"
#include "tests/catch.h"
#include "tests/extras/images/make_images.h"

using namespace slimscale::images;

namespace {

Bytes bytes_of(const std::string &text) {
    return {text.begin(), text.end()};
}

std::string text_of(const Bytes &bytes) {
    return {bytes.begin(), bytes.end()};
}

// A packet as editors write it, with `inside` as attributes and `elements` within its description.
std::string packet(const std::string &inside, const std::string &elements = "") {
    return "<?xpacket begin='\xef\xbb\xbf' id='W5M0MpCehiHzreSzNTczkc9d'?><x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF>"
           "<rdf:Description " +
           inside + ">" + elements + "</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end='w'?>";
}

// The JPEG with one more marker of APP1, behind its first two bytes.
Bytes with_marker(Bytes jpeg, const std::string &name, const std::string &data) {
    const std::string content = name + '\0' + data;
    const size_t length = content.size() + 2;
    Bytes marker = {0xff, 0xe1, static_cast<uint8_t>(length >> 8), static_cast<uint8_t>(length)};
    marker.insert(marker.end(), content.begin(), content.end());
    jpeg.insert(jpeg.begin() + 2, marker.begin(), marker.end());
    return jpeg;
}

const std::string kName = "http://ns.adobe.com/xap/1.0/";

Image read(const Bytes &bytes) {
    Image image;
    REQUIRE(decode_image(bytes, image).error() == "");
    return image;
}

Image written_and_read(const Image &image, FileFormat format) {
    Bytes bytes;
    REQUIRE(encode_image(image, format, {}, bytes).error() == "");
    return read(bytes);
}

}  // namespace

TEST_CASE("a JPEG's XMP reaches every format that is written") {
    const std::string text = packet("xmp:Rating='4'", "<dc:title>T\xc3\xbcr</dc:title>");
    const Image image = read(with_marker(make_jpeg(smooth_image(20, 10, 3), {}), kName, text));
    CHECK(text_of(xmp_packet(image.metadata)) == text);
    CHECK(image.notes.empty());
    for (const FileFormat format :
         {FileFormat::jpeg, FileFormat::png, FileFormat::webp, FileFormat::tiff, FileFormat::jxl}) {
        if (format >= FileFormat::webp && !has_vips())
            continue;
        CAPTURE(name_of_format(format));
        const bool kept = vips_keeps_xmp(format);
        CHECK(text_of(xmp_packet(written_and_read(image, format).metadata)) == (kept ? text : ""));
        CHECK(lost_in(format, image).size() == (kept ? 0 : 1));
    }
    if (!has_vips())
        return;
    Bytes avif;  // libvips 8.14 writes XMP, and does not find it when it reads
    REQUIRE(encode_image(image, FileFormat::avif, {}, avif).error() == "");
    const std::string rating = "xmp:Rating";
    CHECK(std::search(avif.begin(), avif.end(), rating.begin(), rating.end()) != avif.end());
}

TEST_CASE("numbers about pixels in XMP stay true") {
    const std::string text =
        packet("tiff:ImageWidth='20' tiff:ImageLength = \"10\" tiff:Orientation='6' tiff:XResolution='300/1'",
               "<exif:PixelXDimension>20</exif:PixelXDimension><exif:PixelYDimension> 10 </exif:PixelYDimension>"
               "<GPano:FullPanoWidthPixels>20</GPano:FullPanoWidthPixels><tiff:ImageWidthX>7</tiff:ImageWidthX>");
    JpegSpec spec;
    spec.exif = make_exif(6, false);
    const Image turned = read(with_marker(make_jpeg(smooth_image(20, 10, 3), spec), kName, text));
    REQUIRE(turned.width == 10);
    Image image = noise_image(20, 40, 3, 8);  // twice its size
    image.metadata = turned.metadata;
    scale_density(image.metadata, 2);
    const std::string expected =
        packet("tiff:ImageWidth='20' tiff:ImageLength = \"40\" tiff:Orientation='1' tiff:XResolution='600/1'",
               "<exif:PixelXDimension>20</exif:PixelXDimension><exif:PixelYDimension> 40 </exif:PixelYDimension>"
               "<GPano:FullPanoWidthPixels>40</GPano:FullPanoWidthPixels><tiff:ImageWidthX>7</tiff:ImageWidthX>");
    for (const FileFormat format : {FileFormat::jpeg, FileFormat::png})
        CHECK(text_of(xmp_packet(written_and_read(image, format).metadata)) == expected);
    // Of an upright photo the orientation in XMP is somebody else's business.
    const Image upright = read(with_marker(make_jpeg(smooth_image(20, 10, 3), {}), kName, text));
    CHECK(text_of(xmp_packet(upright.metadata)) == text);
}

TEST_CASE("XMP about what follows the photo is left out with it, and said so") {
    for (const char *inside : {"GCamera:MotionPhoto='1'", "GCamera:MicroVideo='1'", "hdrgm:Version='1.0'"}) {
        CAPTURE(inside);
        const Image image = read(with_marker(make_jpeg(smooth_image(20, 10, 3), {}), kName, packet(inside)));
        CHECK(xmp_packet(image.metadata).empty());
        REQUIRE(image.notes.size() == 1);
        CHECK(image.notes[0].find("behind the photo") != std::string::npos);
    }
    const std::string text = packet("xmp:Rating='4'");
    Bytes jpeg = with_marker(make_jpeg(smooth_image(20, 10, 3), {}), kName, text);
    jpeg = with_marker(jpeg, "http://ns.adobe.com/xmp/extension/", std::string(40, 'A') + "more");
    const Image image = read(jpeg);
    CHECK(text_of(xmp_packet(image.metadata)) == text);
    REQUIRE(image.notes.size() == 1);
    CHECK(image.notes[0].find("beyond") != std::string::npos);
}

TEST_CASE("The longest XMP that a JPEG holds, and what is longer by a byte") {
    for (const size_t size : {65499u, 65500u, 65501u, 65504u, 65505u, 65506u}) {
        Image image = noise_image(8, 8, 3, 8);
        const std::string shortest = packet("xmp:Rating='4'");
        const std::string text = packet("xmp:Rating='4'", std::string(size - shortest.size(), ' '));
        REQUIRE(text.size() == size);
        set_xmp_packet(image.metadata, bytes_of(text));
        CAPTURE(size);
        CHECK(lost_in(FileFormat::jpeg, image).size() == (size > 65504 ? 1 : 0));
        CHECK(text_of(xmp_packet(written_and_read(image, FileFormat::jpeg).metadata)) == (size > 65504 ? "" : text));
    }
    // The size of the picture in it may have more digits than before.
    Image image = noise_image(1000, 8, 3, 8);
    const std::string shortest = packet("tiff:ImageWidth='1'");
    set_xmp_packet(image.metadata, bytes_of(packet("tiff:ImageWidth='1'", std::string(65504 - shortest.size(), ' '))));
    CHECK(lost_in(FileFormat::jpeg, image).size() == 1);
    CHECK(xmp_packet(written_and_read(image, FileFormat::jpeg).metadata).empty());
}

TEST_CASE("XMP that a JPEG cannot hold is spoken of") {
    Image image = noise_image(8, 8, 3, 8);
    set_xmp_packet(image.metadata, bytes_of(packet("xmp:Rating='4'", std::string(70000, ' '))));
    CHECK(lost_in(FileFormat::png, image).empty());
    REQUIRE(lost_in(FileFormat::jpeg, image).size() == 1);
    CHECK(xmp_packet(written_and_read(image, FileFormat::jpeg).metadata).empty());
    CHECK(xmp_packet(written_and_read(image, FileFormat::png).metadata).size() > 70000);
}

TEST_CASE("odd packets change nothing and are not read past their end") {
    for (const char *text :
         {"", "tiff:Orientation", "tiff:Orientation=", "tiff:Orientation='", "tiff:Orientation='6", "tiff:Orientation>",
          "tiff:Orientation='x'", "tiff:Orientation='1234567890'", "tiff:Orientation  =  ", "tiff:Orientation<6"}) {
        CAPTURE(text);
        Bytes bytes = bytes_of(text);
        set_xmp_upright(bytes);
        const std::string changed = text_of(bytes);
        CHECK(changed == (std::string(text) == "tiff:Orientation='6" ? "tiff:Orientation='1" : text));
        set_xmp_size(bytes, 5, 7);
        scale_xmp(bytes, 3);
        CHECK(text_of(bytes) == changed);
    }
    std::vector<Chunk> chunks;
    set_xmp_packet(chunks, {'a', 0, 'b'});
    set_xmp_packet(chunks, {});
    CHECK(chunks.empty());
    for (const std::string &data :
         {std::string("XML:com.adobe.xmp"), std::string("XML:com.adobe.xmp\0", 18),
          std::string("XML:com.adobe.xmp\0\0\0", 20), std::string("XML:com.adobe.xmp\0\0\0x", 21),
          std::string("XML:com.adobe.xmp\0\1\0\0\0zip", 25)}) {
        chunks = {{{'i', 'T', 'X', 't'}, bytes_of(data)}};
        CHECK(xmp_packet(chunks).empty());
    }
    // A language and a translated keyword are stepped over.
    chunks = {{{'i', 'T', 'X', 't'}, bytes_of(std::string("XML:com.adobe.xmp\0\0\0de\0XMP\0<x/>", 31))}};
    CHECK(text_of(xmp_packet(chunks)) == "<x/>");
    const Bytes as_it_was = chunks[0].data;
    set_xmp_packet(chunks, bytes_of("<x/>"));
    REQUIRE(chunks.size() == 1);
    CHECK(chunks[0].data == as_it_was);
}
