// JPEG by libjpeg-turbo: gray and color, baseline and progressive, 8 bits. The color profile, EXIF data, XMP and
// density are kept. Pixels are turned as EXIF's orientation says and the tag is set to 1, so that every viewer shows
// the same picture, also after conversion to PNG. libjpeg reports errors through longjmp: see png.cpp.
#include <cstddef>
#include <cstdio>

#include <jpeglib.h>

// After jpeglib.h, whose macros decide which number each message has.
#include <jerror.h>

#include <cmath>
#include <csetjmp>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <memory>
#include <utility>

#include "extras/images/channels.h"
#include "extras/images/codecs.h"
#include "extras/images/exif.h"
#include "extras/images/metadata.h"
#include "extras/images/xmp.h"

namespace slimscale::images {
namespace {

constexpr int kExifMarker = JPEG_APP0 + 1, kIccMarker = JPEG_APP0 + 2;
constexpr size_t kMaxMarkerBytes = 65533;
constexpr char kXmpName[] = "http://ns.adobe.com/xap/1.0/", kMoreXmpName[] = "http://ns.adobe.com/xmp/extension/";
constexpr int kMaxScans = 500;  // real progressive files have about ten; thousands are an attack on time
constexpr double kInchesPerMeter = 1 / 0.0254;

struct Failure {
    jpeg_error_mgr manager;  // first: libjpeg hands back a pointer to it
    std::jmp_buf jump;
    char text[JMSG_LENGTH_MAX];
    bool ended_early = false;  // libjpeg has inserted an end of the file
    bool lacks_color = false;  // the color profile is damaged
    unsigned scanned = 0;      // a bit for each component that a scan has brought
};

[[noreturn]] void leave(j_common_ptr codec) {
    auto *failure = reinterpret_cast<Failure *>(codec->err);
    codec->err->format_message(codec, failure->text);
    std::longjmp(failure->jump, 1);
}

// libjpeg fills what is missing with gray and warns. Only warnings that leave the pixels intact are accepted. The
// file's early end is one of them: a Huffman decoder that then lacks bits gives another, JWRN_HIT_MARKER, and
// is_complete() checks the scans. An arithmetic decoder goes on with zeros and gives no warning.
void on_message(j_common_ptr codec, int level) {
    if (level >= 0)
        return;
    switch (codec->err->msg_code) {
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_ADOBE_XFORM:
    case JWRN_JFIF_MAJOR:
    case JWRN_NOT_SEQUENTIAL:  // a baseline decoder does not look at those parameters
        return;
    case JWRN_BOGUS_ICC:
        reinterpret_cast<Failure *>(codec->err)->lacks_color = true;
        return;
    case JWRN_JPEG_EOF:
        if (reinterpret_cast<j_decompress_ptr>(codec)->arith_code)
            leave(codec);
        reinterpret_cast<Failure *>(codec->err)->ended_early = true;
        return;
    default:
        leave(codec);
    }
}

void on_progress(j_common_ptr codec) {
    if (!codec->is_decompressor)
        return;
    const auto *decoder = reinterpret_cast<j_decompress_ptr>(codec);
    auto *failure = reinterpret_cast<Failure *>(codec->err);
    if (decoder->input_scan_number > kMaxScans) {
        std::strcpy(failure->text, "too many scans");
        std::longjmp(failure->jump, 1);
    }
    for (int i = 0; i < decoder->comps_in_scan; i++)
        failure->scanned |= 1u << decoder->cur_comp_info[i]->component_index;
}

// Whether the scans brought everything that they should. Every bit is required only of a progressive file that ends
// early: one that ends properly may leave out coefficients that are zero.
bool is_complete(const jpeg_decompress_struct &codec, const Failure &failure) {
    if (!codec.buffered_image && !jpeg_has_multiple_scans(const_cast<j_decompress_ptr>(&codec)))
        return true;
    for (int c = 0; c < codec.num_components; c++) {
        if ((failure.scanned >> c & 1) == 0)
            return false;
        for (int k = 0; codec.coef_bits && failure.ended_early && k < DCTSIZE2; k++)
            if (codec.coef_bits[c][k] != 0)
                return false;
    }
    return true;
}

void prepare(Failure &failure) {
    jpeg_std_error(&failure.manager);
    failure.manager.error_exit = leave;
    failure.manager.emit_message = on_message;
    failure.text[0] = 0;
    failure.ended_early = false;
    failure.lacks_color = false;
    failure.scanned = 0;
}

// Gives libjpeg the file, a buffer at a time.
struct Input {
    jpeg_source_mgr manager;  // first: libjpeg hands back a pointer to it
    Source *source;
    bool began;
    JOCTET buffer[size_t{64} << 10];
};

void begin_input(j_decompress_ptr) {}
void end_input(j_decompress_ptr) {}

// As libjpeg's own: an empty file is an error, and after the end an end marker is supplied, with a warning.
boolean fill_buffer(j_decompress_ptr codec) {
    auto *input = reinterpret_cast<Input *>(codec->src);
    size_t size = input->source->read(input->buffer, sizeof input->buffer);
    if (size == 0) {
        if (!input->began)
            ERREXIT(codec, JERR_INPUT_EMPTY);
        WARNMS(codec, JWRN_JPEG_EOF);
        input->buffer[0] = 0xff;
        input->buffer[1] = JPEG_EOI;
        size = 2;
    }
    input->began = true;
    input->manager.next_input_byte = input->buffer;
    input->manager.bytes_in_buffer = size;
    return TRUE;
}

void skip_input(j_decompress_ptr codec, long count) {
    jpeg_source_mgr *manager = codec->src;
    if (count <= 0)
        return;
    for (; static_cast<size_t>(count) > manager->bytes_in_buffer; fill_buffer(codec))
        count -= static_cast<long>(manager->bytes_in_buffer);
    manager->next_input_byte += count;
    manager->bytes_in_buffer -= static_cast<size_t>(count);
}

struct Decoder {
    jpeg_decompress_struct codec{};
    Failure failure{};
    jpeg_progress_mgr progress{};
    std::unique_ptr<Source> source;
    Input input{};
    JOCTET *icc = nullptr;
    unsigned icc_size = 0;

    explicit Decoder(std::unique_ptr<Source> from) : source(std::move(from)) {
        input.manager = {nullptr, 0, begin_input, fill_buffer, skip_input, jpeg_resync_to_restart, end_input};
        input.source = source.get();
    }
    ~Decoder() {
        std::free(icc);
        jpeg_destroy_decompress(&codec);  // fine before jpeg_create_decompress: the struct is zero
    }
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;
};

bool read_header(Decoder &decoder) {
    jpeg_decompress_struct &codec = decoder.codec;
    prepare(decoder.failure);
    codec.err = &decoder.failure.manager;
    if (setjmp(decoder.failure.jump))
        return false;
    jpeg_create_decompress(&codec);
    decoder.progress.progress_monitor = on_progress;
    codec.progress = &decoder.progress;
    codec.src = &decoder.input.manager;
    jpeg_save_markers(&codec, kExifMarker, 0xffff);
    jpeg_save_markers(&codec, kIccMarker, 0xffff);
    jpeg_read_header(&codec, TRUE);
    if (!jpeg_read_icc_profile(&codec, &decoder.icc, &decoder.icc_size))
        decoder.icc_size = 0;
    return true;
}

bool start_rows(Decoder &decoder) {
    if (setjmp(decoder.failure.jump))
        return false;
    jpeg_start_decompress(&decoder.codec);
    if (is_complete(decoder.codec, decoder.failure))
        return true;
    std::strcpy(decoder.failure.text, "scans are missing");
    return false;
}

bool read_rows(Decoder &decoder, uint8_t *samples, size_t row_bytes, int count) {
    if (setjmp(decoder.failure.jump))
        return false;
    for (int y = 0; y < count; y++) {
        JSAMPROW row = samples + static_cast<size_t>(y) * row_bytes;
        jpeg_read_scanlines(&decoder.codec, &row, 1);
    }
    return true;
}

bool read_end(Decoder &decoder) {
    if (setjmp(decoder.failure.jump))
        return false;
    jpeg_finish_decompress(&decoder.codec);
    return true;
}

// All coefficients are kept, of 16 bits each, if there are several scans.
uint64_t coefficient_bytes(jpeg_decompress_struct &codec) {
    uint64_t count = 0;
    for (int c = 0; jpeg_has_multiple_scans(&codec) && c < codec.num_components; c++)
        count += uint64_t{codec.comp_info[c].width_in_blocks} * codec.comp_info[c].height_in_blocks * DCTSIZE2;
    return count * sizeof(JCOEF);
}

std::vector<uint8_t> exif_data(const jpeg_decompress_struct &codec) {
    for (jpeg_saved_marker_ptr marker = codec.marker_list; marker; marker = marker->next)
        if (marker->marker == kExifMarker)
            if (const size_t header = exif_header_bytes(marker->data, marker->data_length))
                return {marker->data + header, marker->data + marker->data_length};
    return {};
}

// What follows the name, with its zero, in the first marker of such a name; empty if there is none.
std::vector<uint8_t> xmp_data(const jpeg_decompress_struct &codec, const char *name) {
    const size_t size = std::strlen(name) + 1;
    for (jpeg_saved_marker_ptr marker = codec.marker_list; marker; marker = marker->next)
        if (marker->marker == kExifMarker && marker->data_length > size && std::memcmp(marker->data, name, size) == 0)
            return {marker->data + size, marker->data + marker->data_length};
    return {};
}

// JFIF counts dots per inch (1) or centimeter (2), or gives a ratio only (0).
Density density_of(const jpeg_decompress_struct &codec) {
    const double per_meter = codec.density_unit == 1 ? kInchesPerMeter : codec.density_unit == 2 ? 100 : 1;
    if (!codec.saw_JFIF_marker || codec.X_density == 0 || codec.Y_density == 0)
        return {};
    if (codec.density_unit == 0 && codec.X_density == codec.Y_density)
        return {};  // square pixels, which says nothing about density
    return {static_cast<uint32_t>(std::lround(codec.X_density * per_meter)),
            static_cast<uint32_t>(std::lround(codec.Y_density * per_meter)), codec.density_unit != 0};
}

std::string unreadable(const Failure &failure) {
    switch (failure.manager.msg_code) {
    case JERR_BAD_PRECISION:    // 12 or 16 bits
    case JERR_SOF_UNSUPPORTED:  // lossless, hierarchical
    case JERR_ARITH_NOTIMPL:
    case JERR_FRACT_SAMPLE_NOTIMPL:
    case JERR_NOT_COMPILED:
        return std::string("a kind of JPEG that is not read (") + failure.text + "); convert it to an ordinary one";
    default:
        return std::string("damaged or truncated JPEG (") + failure.text + "); get the file again";
    }
}

// Passes libjpeg's output on, a buffer at a time.
struct Destination {
    jpeg_destination_mgr manager;  // first: libjpeg hands back a pointer to it
    Sink *sink;
    JOCTET buffer[size_t{64} << 10];
};

void begin_output(j_compress_ptr codec) {
    auto *to = reinterpret_cast<Destination *>(codec->dest);
    to->manager.next_output_byte = to->buffer;
    to->manager.free_in_buffer = sizeof to->buffer;
}

void write_out(j_compress_ptr codec, size_t size) {
    auto *to = reinterpret_cast<Destination *>(codec->dest);
    if (to->sink->write(to->buffer, size))
        return;
    auto *failure = reinterpret_cast<Failure *>(codec->err);
    std::strcpy(failure->text, "its file cannot be written, or memory is short");
    std::longjmp(failure->jump, 1);
}

boolean empty_buffer(j_compress_ptr codec) {
    write_out(codec, sizeof reinterpret_cast<Destination *>(codec->dest)->buffer);
    begin_output(codec);
    return TRUE;
}

void end_output(j_compress_ptr codec) {
    const auto *to = reinterpret_cast<Destination *>(codec->dest);
    write_out(codec, sizeof to->buffer - to->manager.free_in_buffer);
}

struct Encoder {
    jpeg_compress_struct codec{};
    Failure failure{};
    Destination destination;

    explicit Encoder(Sink &sink) {
        destination.manager = {nullptr, 0, begin_output, empty_buffer, end_output};
        destination.sink = &sink;
    }
    ~Encoder() { jpeg_destroy_compress(&codec); }  // fine before jpeg_create_compress: the struct is zero
    Encoder(const Encoder &) = delete;
    Encoder &operator=(const Encoder &) = delete;
};

void set_density(jpeg_compress_struct &codec, const Density &density) {
    const double x = density.meters ? density.x / kInchesPerMeter : density.x;
    const double y = density.meters ? density.y / kInchesPerMeter : density.y;
    if (!(x >= 0.5 && x < 65535 && y >= 0.5 && y < 65535))
        return;
    codec.density_unit = density.meters ? 1 : 0;
    codec.X_density = static_cast<UINT16>(std::lround(x));
    codec.Y_density = static_cast<UINT16>(std::lround(y));
}

struct Extras {
    const std::vector<uint8_t> *icc;
    const std::vector<uint8_t> *exif, *xmp;  // with their headers; empty: none
    Density density;
};

bool start_rows(Encoder &encoder, const Image &image, const WriteOptions &options, const Extras &extras) {
    jpeg_compress_struct &codec = encoder.codec;
    prepare(encoder.failure);
    codec.err = &encoder.failure.manager;
    if (setjmp(encoder.failure.jump))
        return false;
    jpeg_create_compress(&codec);
    codec.dest = &encoder.destination.manager;
    codec.image_width = static_cast<JDIMENSION>(image.width);
    codec.image_height = static_cast<JDIMENSION>(image.height);
    codec.input_components = image.colors();
    codec.in_color_space = image.colors() == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&codec);
    jpeg_set_quality(&codec, options.jpeg_quality, TRUE);
    for (int i = 0; i < codec.num_components; i++)
        codec.comp_info[i].h_samp_factor = codec.comp_info[i].v_samp_factor = 1;
    if (options.jpeg_subsampling == Subsampling::halved && codec.num_components == 3)
        codec.comp_info[0].h_samp_factor = codec.comp_info[0].v_samp_factor = 2;
    const uint64_t samples =
        uint64_t{codec.image_width} * codec.image_height * static_cast<uint64_t>(codec.num_components);
    codec.optimize_coding = samples * sizeof(JCOEF) <= options.jpeg_waiting_bytes ? TRUE : FALSE;
    set_density(codec, extras.density);
    jpeg_start_compress(&codec, TRUE);
    if (!extras.exif->empty())
        jpeg_write_marker(&codec, kExifMarker, extras.exif->data(), static_cast<unsigned>(extras.exif->size()));
    if (!extras.xmp->empty())
        jpeg_write_marker(&codec, kExifMarker, extras.xmp->data(), static_cast<unsigned>(extras.xmp->size()));
    if (!extras.icc->empty())
        jpeg_write_icc_profile(&codec, extras.icc->data(), static_cast<unsigned>(extras.icc->size()));
    return true;
}

// Converts a row of the image into `row`, which has the JPEG's channels in 8 bits.
void pack_row(const Image &image, const uint8_t *samples, uint8_t *row) {
    const int colors = image.colors();
    for (int x = 0; x < image.width; x++) {
        for (int c = 0; c < colors; c++) {
            const int at = x * image.channels + c;
            row[x * colors + c] =
                image.bits == 8 ? samples[at] : to_8_bits(reinterpret_cast<const uint16_t *>(samples)[at]);
        }
    }
}

bool write_some(Encoder &encoder, const Image &image, const uint8_t *samples, int count, uint8_t *row) {
    if (setjmp(encoder.failure.jump))
        return false;
    for (int y = 0; y < count; y++) {
        pack_row(image, samples + static_cast<size_t>(y) * image.row_bytes(), row);
        JSAMPROW rows[1] = {row};
        jpeg_write_scanlines(&encoder.codec, rows, 1);
    }
    return true;
}

bool write_end(Encoder &encoder) {
    if (setjmp(encoder.failure.jump))
        return false;
    jpeg_finish_compress(&encoder.codec);
    return true;
}

std::vector<uint8_t> exif_marker(const Image &image) {
    const Chunk *chunk = find_chunk(image.metadata, "eXIf");
    if (!chunk || chunk->data.empty())
        return {};
    std::vector<uint8_t> marker = with_exif_header(chunk->data, image.width, image.height);
    return marker.size() <= kMaxMarkerBytes ? std::move(marker) : std::vector<uint8_t>();
}

// The marker of the image's packet, however long; empty without one.
std::vector<uint8_t> xmp_marker(const Image &image) {
    std::vector<uint8_t> packet = xmp_packet(image.metadata);
    set_xmp_size(packet, image.width, image.height);
    if (!packet.empty())
        packet.insert(packet.begin(), std::begin(kXmpName), std::end(kXmpName));
    return packet;
}

class JpegReader : public RowReader {
public:
    explicit JpegReader(std::unique_ptr<Source> source) : decoder_(std::move(source)) {}

    Status open() {
        if (!read_header(decoder_))
            return fault();
        jpeg_decompress_struct &codec = decoder_.codec;
        SLIMSCALE_RETURN_IF_ERROR(check_size(codec.image_width, codec.image_height));
        if (codec.jpeg_color_space == JCS_CMYK || codec.jpeg_color_space == JCS_YCCK || codec.num_components == 4)
            return Error{"a CMYK JPEG, which is for print; convert it to RGB first"};
        if (codec.num_components != 1 && codec.num_components != 3)
            return Error{"a JPEG with " + std::to_string(codec.num_components) +
                         " components; convert it to RGB first"};
        codec.out_color_space = codec.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
        image_ = Image{
            static_cast<int>(codec.image_width), static_cast<int>(codec.image_height), codec.num_components, 8, {}, {}};
        held_bytes_ = coefficient_bytes(codec);
        if (decoder_.failure.lacks_color)
            image_.notes.push_back(kColorsLeftOut);
        take_metadata();
        return Status();
    }

    Status read(uint8_t *samples, int count) override {
        if (!started_ && !start_rows(decoder_))
            return fault();
        started_ = true;
        return read_rows(decoder_, samples, image_.row_bytes(), count) ? Status() : fault();
    }
    Status finish() override { return read_end(decoder_) ? Status() : fault(); }

private:
    void take_metadata() {
        std::vector<uint8_t> exif = exif_data(decoder_.codec);
        orientation_ = take_orientation(exif);
        add_icc_profile(image_.metadata, {decoder_.icc, decoder_.icc + decoder_.icc_size});
        Density density = density_of(decoder_.codec);
        if (turns_sides(orientation_)) {
            std::swap(density.x, density.y);
            scale_exif_resolution(exif, 1, /*sides_turn=*/true);
        }
        add_density(image_.metadata, density);
        if (!exif.empty())
            add_chunk(image_.metadata, "eXIf", exif);
        take_xmp();
    }

    void take_xmp() {
        std::vector<uint8_t> packet = xmp_data(decoder_.codec, kXmpName);
        if (speaks_of_what_follows(packet)) {
            image_.notes.push_back("its XMP speaks of a film or of other pictures behind the photo in its file; all of "
                                   "these are left out");
            return;
        }
        if (!xmp_data(decoder_.codec, kMoreXmpName).empty())
            image_.notes.push_back("it has more XMP than fits one marker; what is beyond is left out");
        if (orientation_ != 1)
            set_xmp_upright(packet);
        set_xmp_packet(image_.metadata, packet);
    }
    Error fault() const { return Error{unreadable(decoder_.failure)}; }

    Decoder decoder_;
    bool started_ = false;
};

class JpegWriter : public RowWriter {
public:
    explicit JpegWriter(Sink &sink) : encoder_(sink) {}

    Status start(const Image &image, const WriteOptions &options) {
        image_ = Image{image.width, image.height, image.channels, image.bits, {}, {}};
        row_.resize(static_cast<size_t>(image.width) * static_cast<size_t>(image.colors()));
        const std::vector<uint8_t> icc = icc_profile(image.metadata), exif = exif_marker(image);
        const std::vector<uint8_t> xmp = jpeg_lacks_xmp(image) ? std::vector<uint8_t>() : xmp_marker(image);
        return start_rows(encoder_, image, options, {&icc, &exif, &xmp, density(image.metadata)}) ? Status() : fault();
    }
    Status write(const uint8_t *samples, int count) override {
        return write_some(encoder_, image_, samples, count, row_.data()) ? Status() : fault();
    }
    Status finish() override { return write_end(encoder_) ? Status() : fault(); }

private:
    Error fault() const { return Error{std::string("cannot be written as JPEG (") + encoder_.failure.text + ")"}; }

    Encoder encoder_;
    Image image_;  // of what rows are; no samples
    std::vector<uint8_t> row_;
};

}  // namespace

Result<std::unique_ptr<RowReader>> open_jpeg(std::unique_ptr<Source> source) {
    auto reader = std::make_unique<JpegReader>(std::move(source));
    SLIMSCALE_RETURN_IF_ERROR(reader->open());
    return std::unique_ptr<RowReader>(std::move(reader));
}

Result<std::unique_ptr<RowWriter>> start_jpeg(const Image &image, const WriteOptions &options, Sink &sink) {
    auto writer = std::make_unique<JpegWriter>(sink);
    SLIMSCALE_RETURN_IF_ERROR(writer->start(image, options));
    return std::unique_ptr<RowWriter>(std::move(writer));
}

bool jpeg_lacks_xmp(const Image &image) {
    return xmp_marker(image).size() > kMaxMarkerBytes;
}

Status decode_jpeg(const std::vector<uint8_t> &bytes, Image &image) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::unique_ptr<RowReader> reader,
                               open_jpeg(std::make_unique<MemorySource>(bytes)));
    return read_all_rows(*reader, image);
}

Status encode_jpeg(const Image &image, const WriteOptions &options, Sink &sink) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::unique_ptr<RowWriter> writer, start_jpeg(image, options, sink));
    SLIMSCALE_RETURN_IF_ERROR(writer->write(image.samples.data(), image.height));
    return writer->finish();
}

}  // namespace slimscale::images
