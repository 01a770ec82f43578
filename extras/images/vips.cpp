// libvips 8.10 or newer, by its C interface, which is declared here: libvips has kept its binary interface
// (libvips.so.42) since 2015. It is asked for 8 and 16 bits only, since it truncates floats that it makes integers of.
#include "extras/images/vips.h"

#include <dlfcn.h>

#include <cmath>
#include <memory>
#include <string>

#include "extras/images/channels.h"
#include "extras/images/exif.h"
#include "extras/images/metadata.h"
#include "extras/images/xmp.h"

namespace slimscale::images {
namespace {

struct VipsImage;  // libvips' own

// Values of VipsBandFormat, VipsInterpretation, VipsFailOn and GLogLevelFlags.
constexpr int kUchar = 0, kUshort = 2;
constexpr int kMultiband = 0, kBlackAndWhite = 1, kRgb = 17, kSrgb = 22, kRgb16 = 25, kGrey16 = 26;
constexpr int kFailOnError = 2;
constexpr int kEveryLevel = ~0;

struct Library {
    void *handle = nullptr;
    bool ready = false;
    int (*init)(const char *);
    int (*version)(int);  // 0: major, 1: minor
    VipsImage *(*read)(const void *, size_t, const char *, ...);
    VipsImage *(*wrap)(const void *, size_t, int, int, int, int);
    int (*get_width)(const VipsImage *), (*get_height)(const VipsImage *), (*get_bands)(const VipsImage *);
    int (*get_format)(const VipsImage *), (*get_interpretation)(const VipsImage *), (*get_pages)(VipsImage *);
    double (*get_x_resolution)(const VipsImage *), (*get_y_resolution)(const VipsImage *);  // pixels per millimeter
    int (*has_alpha)(VipsImage *);
    int (*turn)(VipsImage *, VipsImage **, ...);
    int (*copy)(VipsImage *, VipsImage **, ...);
    void *(*pixels)(VipsImage *, size_t *);
    int (*write)(VipsImage *, const char *, void **, size_t *, ...);
    unsigned long (*has_field)(const VipsImage *, const char *);
    int (*get_blob)(const VipsImage *, const char *, const void **, size_t *);
    void (*set_blob)(VipsImage *, const char *, const void *, size_t);
    int (*get_int)(const VipsImage *, const char *, int *);
    const char *(*error)();
    void (*clear_error)();
    void (*unref)(void *);
    void (*release)(void *);
    unsigned (*set_log_handler)(const char *, int, void (*)(const char *, int, const char *, void *), void *);

    Library() {
        handle = dlopen("libvips.so.42", RTLD_NOW | RTLD_LOCAL);
        ready = handle && load() && init("slimscale") == 0;
        if (ready)
            set_log_handler("VIPS", kEveryLevel, [](const char *, int, const char *, void *) {}, nullptr);
    }

private:
    template <typename Function>
    bool find(const char *name, Function &function) {
        function = reinterpret_cast<Function>(dlsym(handle, name));
        return function != nullptr;
    }
    bool load() {
        return find("vips_init", init) && find("vips_version", version) && find("vips_image_new_from_buffer", read) &&
               find("vips_image_new_from_memory_copy", wrap) && find("vips_image_get_width", get_width) &&
               find("vips_image_get_height", get_height) && find("vips_image_get_bands", get_bands) &&
               find("vips_image_get_format", get_format) && find("vips_image_get_interpretation", get_interpretation) &&
               find("vips_image_get_n_pages", get_pages) && find("vips_image_get_xres", get_x_resolution) &&
               find("vips_image_get_yres", get_y_resolution) && find("vips_image_hasalpha", has_alpha) &&
               find("vips_autorot", turn) && find("vips_copy", copy) && find("vips_image_write_to_memory", pixels) &&
               find("vips_image_write_to_buffer", write) && find("vips_image_get_typeof", has_field) &&
               find("vips_image_get_blob", get_blob) && find("vips_image_set_blob_copy", set_blob) &&
               find("vips_image_get_int", get_int) && find("vips_error_buffer", error) &&
               find("vips_error_clear", clear_error) && find("g_object_unref", unref) && find("g_free", release) &&
               find("g_log_set_handler", set_log_handler);
    }
};

// The library is never unloaded, since libvips has its own threads.
const Library &library() {
    static const Library *loaded = new Library;
    return *loaded;
}

Error no_library() {
    return Error{
        "this format needs libvips, which is not installed here (Debian: libvips42); install it, or convert the "
        "image to PNG"};
}

// libvips' own sentences, on one line.
Error failed(const char *what) {
    std::string text = library().error();
    library().clear_error();
    while (!text.empty() && (text.back() == '\n' || text.back() == ' '))
        text.pop_back();
    for (char &letter : text)
        letter = letter == '\n' ? ';' : letter;
    return Error{std::string(what) + " (libvips: " + text + ")"};
}

struct Unref {
    void operator()(VipsImage *image) const { library().unref(image); }
};
using Picture = std::unique_ptr<VipsImage, Unref>;

Bytes blob(VipsImage *image, const char *name) {
    const void *data = nullptr;
    size_t size = 0;
    if (library().has_field(image, name) == 0 || library().get_blob(image, name, &data, &size) != 0)
        return {};
    const auto *bytes = static_cast<const uint8_t *>(data);
    return {bytes, bytes + size};
}

Status check_kind(VipsImage *image, int colors) {
    const Library &vips = library();
    const int format = vips.get_format(image), kind = vips.get_interpretation(image);
    if (format != kUchar && format != kUshort)
        return Error{"its samples are not integers of 8 or 16 bits; convert it to one of them"};
    const bool plain = kind == kMultiband || kind == kBlackAndWhite || kind == kRgb || kind == kSrgb ||
                       kind == kRgb16 || kind == kGrey16;
    if (!plain || (colors != 1 && colors != 3))
        return Error{"it is neither gray nor RGB; convert it to RGB first"};
    return Status();
}

// libvips gives AVIF and HEIC of 10 and 12 bits shifted to 16, so that white is 65472 or 65520 instead of 65535.
void fill_range(VipsImage *picture, Image &image) {
    int bits = 16;
    if (image.bits != 16 || library().has_field(picture, "heif-bitdepth") == 0 ||
        library().get_int(picture, "heif-bitdepth", &bits) != 0 || bits <= 8 || bits >= 16)
        return;
    const uint32_t white = (1u << bits) - 1;
    auto *samples = image.samples_as<uint16_t>();
    for (size_t i = 0; i < image.samples.size() / 2; i++)
        samples[i] = static_cast<uint16_t>(((samples[i] >> (16 - bits)) * 65535u + white / 2) / white);
}

// What libvips says, and writes, where no resolution is known: pixels per millimeter.
constexpr double kUnknownResolution = 1;

uint32_t per_meter(double resolution) {
    return static_cast<uint32_t>(std::lround(resolution * 1000));
}

void take_metadata(VipsImage *picture, Image &image) {
    add_icc_profile(image.metadata, blob(picture, "icc-profile-data"));
    Bytes exif = blob(picture, "exif-data");
    exif.erase(exif.begin(), exif.begin() + static_cast<ptrdiff_t>(exif_header_bytes(exif.data(), exif.size())));
    Bytes xmp = blob(picture, "xmp-data");
    while (!xmp.empty() && xmp.back() == 0)  // libvips may count a zero behind the text
        xmp.pop_back();
    if (take_orientation(exif) != 1)  // the pixels are turned already
        set_xmp_upright(xmp);
    if (!exif.empty())
        add_chunk(image.metadata, "eXIf", exif);
    if (!speaks_of_what_follows(xmp))
        set_xmp_packet(image.metadata, xmp);
    const double x = library().get_x_resolution(picture), y = library().get_y_resolution(picture);
    if (x > 0 && y > 0 && x != kUnknownResolution && x < 1e6 && y < 1e6)
        add_density(image.metadata, {per_meter(x), per_meter(y), true});
}

// The suffix by which libvips knows the format, with the options of writing.
std::string suffix(FileFormat format, const WriteOptions &options) {
    const std::string quality = "[Q=" + std::to_string(options.jpeg_quality) + "]";
    switch (format) {
    case FileFormat::webp:
        return ".webp" + quality;
    case FileFormat::avif:
        return ".avif" + quality;
    case FileFormat::jxl:
        return ".jxl" + quality;
    default:
        return ".tif[compression=deflate,predictor=horizontal]";
    }
}

}  // namespace

bool has_vips() {
    return library().ready;
}

bool vips_keeps_xmp(FileFormat format) {
    const Library &vips = library();
    if (format != FileFormat::jxl || !vips.ready)
        return true;
    const int major = vips.version(0), minor = vips.version(1);
    return major > 8 || (major == 8 && minor >= 15);
}

bool vips_keeps_exif(FileFormat format) {
    return format != FileFormat::tiff && vips_keeps_xmp(format);
}

Status decode_by_vips(const std::vector<uint8_t> &bytes, Image &image) {
    const Library &vips = library();
    if (!vips.ready)
        return no_library();
    const Picture read(vips.read(bytes.data(), bytes.size(), "", "fail_on", kFailOnError, nullptr));
    if (!read)
        return failed("damaged, or of a kind that is not read");
    SLIMSCALE_RETURN_IF_ERROR(check_size(static_cast<uint64_t>(vips.get_width(read.get())),
                                         static_cast<uint64_t>(vips.get_height(read.get()))));
    const int bands = vips.get_bands(read.get()), colors = bands - (vips.has_alpha(read.get()) != 0 ? 1 : 0);
    SLIMSCALE_RETURN_IF_ERROR(check_kind(read.get(), colors));
    VipsImage *out = nullptr;
    if (vips.turn(read.get(), &out, nullptr) != 0)
        return failed("damaged");
    const Picture upright(out);
    image = Image{vips.get_width(out), vips.get_height(out), bands, vips.get_format(out) == kUchar ? 8 : 16, {}, {}};
    const uint64_t size = image.sample_bytes();
    SLIMSCALE_RETURN_IF_ERROR(check_memory(2 * size, "it"));
    size_t got = 0;
    void *pixels = vips.pixels(out, &got);
    if (!pixels || got != size) {
        vips.release(pixels);
        return failed("damaged or truncated");
    }
    const auto *from = static_cast<const uint8_t *>(pixels);
    image.samples.assign(from, from + got);
    vips.release(pixels);
    fill_range(out, image);
    take_metadata(out, image);
    if (vips.get_pages(read.get()) > 1)
        image.notes.push_back("it holds " + std::to_string(vips.get_pages(read.get())) +
                              " pictures, of which the first is taken");
    return Status();
}

Status encode_by_vips(const Image &image, FileFormat format, const WriteOptions &options, Sink &sink) {
    const Library &vips = library();
    if (!vips.ready)
        return no_library();
    Image rounded;  // WebP has 8 bits
    const bool too_deep = format == FileFormat::webp && image.bits == 16;
    if (too_deep)
        rounded = to_8_bits(image);
    const Image &from = too_deep ? rounded : image;
    const bool wide = from.bits == 16, gray = from.colors() == 1;
    const Picture plain(vips.wrap(from.samples.data(), from.samples.size(), from.width, from.height, from.channels,
                                  wide ? kUshort : kUchar));
    const Density dots = density(image.metadata);
    VipsImage *out = nullptr;
    if (!plain || vips.copy(plain.get(), &out, "interpretation",
                            gray ? (wide ? kGrey16 : kBlackAndWhite) : (wide ? kRgb16 : kSrgb), "xres",
                            dots.meters ? dots.x / 1000.0 : kUnknownResolution, "yres",
                            dots.meters ? dots.y / 1000.0 : kUnknownResolution, nullptr) != 0)
        return failed("cannot be written");
    const Picture picture(out);
    if (const Bytes profile = icc_profile(image.metadata); !profile.empty())
        vips.set_blob(out, "icc-profile-data", profile.data(), profile.size());
    if (const Chunk *exif = find_chunk(image.metadata, "eXIf")) {
        const Bytes data = with_exif_header(exif->data, image.width, image.height);
        vips.set_blob(out, "exif-data", data.data(), data.size());
    }
    Bytes xmp = xmp_packet(image.metadata);
    set_xmp_size(xmp, image.width, image.height);
    if (!xmp.empty())
        vips.set_blob(out, "xmp-data", xmp.data(), xmp.size());
    void *bytes = nullptr;
    size_t size = 0;
    if (vips.write(out, suffix(format, options).c_str(), &bytes, &size, nullptr) != 0)
        return failed("cannot be written");
    const bool written = sink.write(bytes, size);
    vips.release(bytes);
    return written ? Status() : Error{"its file cannot be written, or memory is short"};
}

}  // namespace slimscale::images
