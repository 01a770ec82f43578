// PNG by libpng. libpng reports errors through longjmp: functions that call setjmp, and callbacks, hold only plain
// data, and objects with destructors live in the functions that call them.
//
// When a file is read, gray stays gray; palettes become RGB, or RGBA if they have transparent entries; 1, 2 and 4 bits
// become 8; 16 stay 16.
#include <png.h>

#include <csetjmp>
#include <cstring>
#include <memory>
#include <utility>

#include "extras/images/codecs.h"
#include "extras/images/metadata.h"

namespace slimscale::images {
namespace {

// Level 4 takes 0.47 s and 4.99 MB for an upscaled photo of 2048x2048, level 6 takes 1.38 s and 4.79 MB, level 9 6.6 s
// and 4.64 MB (zlib 1.2.13, AMD EPYC, November 2026).
constexpr int kCompressionLevel = 4;

struct Message {
    char text[128] = "";
};

void on_error(png_structp png, png_const_charp text) {
    auto *message = static_cast<Message *>(png_get_error_ptr(png));
    std::strncpy(message->text, text, sizeof message->text - 1);
    png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

bool little_endian() {
    const uint16_t one = 1;
    uint8_t first;
    std::memcpy(&first, &one, 1);
    return first == 1;
}

// Whether a damaged chunk may be the one that changes pixels and can be left out of a file: two of its letters are its.
bool may_be_transparency(const char *name) {
    int letters = 0;
    for (int i = 0; i < 4; i++)
        letters += name[i] == "tRNS"[i];
    return letters >= 2;
}

void on_read_warning(png_structp png, png_const_charp text);

// The bytes at the end of a PNG.
constexpr uint8_t kEnd[] = {0, 0, 0, 0, 'I', 'E', 'N', 'D', 0xae, 0x42, 0x60, 0x82};
constexpr size_t kChunkHeaderBytes = 8, kChecksumBytes = 4;

struct Decoder {
    png_structp png = nullptr;
    png_infop info = nullptr;
    Message message;
    std::unique_ptr<Source> source;
    bool has_all_rows = false;
    const uint8_t *end = nullptr;  // what is left of kEnd where it is supplied, else null
    bool lacks_color = false;      // a chunk that describes colors is damaged

    explicit Decoder(std::unique_ptr<Source> from) : source(std::move(from)) {
        png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &message, on_error, on_read_warning);
        info = png ? png_create_info_struct(png) : nullptr;
    }
    ~Decoder() { png_destroy_read_struct(&png, &info, nullptr); }
    Decoder(const Decoder &) = delete;
    Decoder &operator=(const Decoder &) = delete;
};

// libpng drops a chunk with a wrong checksum and warns ("tRNS: CRC error").
void on_read_warning(png_structp png, png_const_charp text) {
    const char *colon = std::strchr(text, ':');
    if (!colon || std::strcmp(colon, ": CRC error") != 0)
        return;
    if (may_be_transparency(text))
        png_error(png, text);
    if (describes_colors(text))
        static_cast<Decoder *>(png_get_io_ptr(png))->lacks_color = true;
}

struct Header {
    png_uint_32 width, height;
    int channels, bits;
    bool interlaced;
};

void read_bytes(png_structp png, png_bytep to, size_t size) {
    auto *decoder = static_cast<Decoder *>(png_get_io_ptr(png));
    if (!decoder->end && decoder->source->read(to, size) == size)
        return;
    // After the last row a missing end is supplied, and a missing checksum of whatever it is. Of a chunk of pixels that
    // is a wrong one.
    if (!decoder->end && decoder->has_all_rows && size == kChunkHeaderBytes)
        decoder->end = kEnd;
    if (!decoder->end && decoder->has_all_rows && size == kChecksumBytes) {
        std::memset(to, 0, size);
        return;
    }
    if (!decoder->end || size > static_cast<size_t>(kEnd + sizeof kEnd - decoder->end))
        png_error(png, "the file ends too early");
    std::memcpy(to, decoder->end, size);
    decoder->end += size;
}

void request_plain_samples(png_structp png, png_infop info) {
    png_set_expand(png);  // palettes to RGB, 1, 2 and 4 bits to 8, tRNS to alpha
    if (png_get_bit_depth(png, info) == 16 && little_endian())
        png_set_swap(png);
}

// Reads the header and sets the transformations. The size is not checked yet, and nothing is allocated for the image.
bool read_header(Decoder &decoder, Header &header) {
    if (setjmp(png_jmpbuf(decoder.png)))
        return false;
    png_set_read_fn(decoder.png, &decoder, read_bytes);
    // check_size() checks the size, with a better sentence; kept_png_chunks() reads what is not pixels.
    png_set_user_limits(decoder.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_keep_unknown_chunks(decoder.png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
    png_read_info(decoder.png, decoder.info);
    header.width = png_get_image_width(decoder.png, decoder.info);
    header.height = png_get_image_height(decoder.png, decoder.info);
    request_plain_samples(decoder.png, decoder.info);
    return true;
}

// Allocates libpng's row buffers. Precondition: the size was accepted.
bool start_rows(Decoder &decoder, Header &header) {
    if (setjmp(png_jmpbuf(decoder.png)))
        return false;
    png_set_interlace_handling(decoder.png);
    png_read_update_info(decoder.png, decoder.info);
    header.channels = png_get_channels(decoder.png, decoder.info);
    header.bits = png_get_bit_depth(decoder.png, decoder.info);
    header.interlaced = png_get_interlace_type(decoder.png, decoder.info) == PNG_INTERLACE_ADAM7;
    return true;
}

// Of an interlaced file `count` is the whole height.
bool read_rows(Decoder &decoder, uint8_t *samples, size_t row_bytes, int count, bool interlaced) {
    if (setjmp(png_jmpbuf(decoder.png)))
        return false;
    if (png_get_rowbytes(decoder.png, decoder.info) != row_bytes)
        png_error(decoder.png, "unexpected row size");
    for (int pass = 0; pass < (interlaced ? PNG_INTERLACE_ADAM7_PASSES : 1); pass++)
        for (int y = 0; y < count; y++)
            png_read_row(decoder.png, samples + static_cast<size_t>(y) * row_bytes, nullptr);
    return true;
}

bool read_end(Decoder &decoder) {
    if (setjmp(png_jmpbuf(decoder.png)))
        return false;
    decoder.has_all_rows = true;
    png_read_end(decoder.png, nullptr);
    return true;
}

struct Encoder {
    png_structp png = nullptr;
    png_infop info = nullptr;
    Message message;

    Encoder() {
        png = png_create_write_struct(PNG_LIBPNG_VER_STRING, &message, on_error, on_warning);
        info = png ? png_create_info_struct(png) : nullptr;
    }
    ~Encoder() { png_destroy_write_struct(&png, &info); }
    Encoder(const Encoder &) = delete;
    Encoder &operator=(const Encoder &) = delete;
};

void write_bytes(png_structp png, png_bytep from, size_t size) {
    if (!static_cast<Sink *>(png_get_io_ptr(png))->write(from, size))
        png_error(png, "its file cannot be written, or memory is short");
}

void flush_bytes(png_structp) {}

int color_type(const Image &image) {
    static const int types[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                PNG_COLOR_TYPE_RGB_ALPHA};
    return types[image.channels - 1];
}

bool start_all(Encoder &encoder, const Image &image, const std::vector<Chunk> &chunks, Sink &sink) {
    if (setjmp(png_jmpbuf(encoder.png)))
        return false;
    png_set_write_fn(encoder.png, &sink, write_bytes, flush_bytes);
    png_set_user_limits(encoder.png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_compression_level(encoder.png, kCompressionLevel);
    png_set_IHDR(encoder.png, encoder.info, static_cast<png_uint_32>(image.width),
                 static_cast<png_uint_32>(image.height), image.bits, color_type(image), PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(encoder.png, encoder.info);
    for (size_t i = 0; i < chunks.size(); i++)
        png_write_chunk(encoder.png, reinterpret_cast<png_const_bytep>(chunks[i].name.data()), chunks[i].data.data(),
                        chunks[i].data.size());
    if (image.bits == 16 && little_endian())
        png_set_swap(encoder.png);
    return true;
}

bool write_some(Encoder &encoder, const uint8_t *samples, size_t row_bytes, int count) {
    if (setjmp(png_jmpbuf(encoder.png)))
        return false;
    for (int y = 0; y < count; y++)
        png_write_row(encoder.png, samples + static_cast<size_t>(y) * row_bytes);
    return true;
}

bool write_end(Encoder &encoder) {
    if (setjmp(png_jmpbuf(encoder.png)))
        return false;
    png_write_end(encoder.png, encoder.info);
    return true;
}

class PngReader : public RowReader {
public:
    explicit PngReader(std::unique_ptr<Source> source) : decoder_(std::move(source)) {}

    Status open() {
        if (!decoder_.info)
            return Error{"not enough memory to read it"};
        // The chunks first, which are all over the file.
        Source &source = *decoder_.source;
        std::vector<Chunk> chunks = kept_png_chunks(source);
        const bool animated = is_animated_png(source);
        source.seek(0);
        Header header{};
        if (!read_header(decoder_, header))
            return fault();
        SLIMSCALE_RETURN_IF_ERROR(check_size(header.width, header.height));
        if (!start_rows(decoder_, header))
            return fault();
        image_ = Image{static_cast<int>(header.width),
                       static_cast<int>(header.height),
                       header.channels,
                       header.bits,
                       {},
                       std::move(chunks)};
        in_order_ = !header.interlaced;
        if (decoder_.lacks_color)
            image_.notes.push_back(kColorsLeftOut);
        if (animated)
            image_.notes.push_back("it is an animation, of which the first picture is taken");
        return Status();
    }

    Status read(uint8_t *samples, int count) override {
        return read_rows(decoder_, samples, image_.row_bytes(), count, !in_order_) ? Status() : fault();
    }
    Status finish() override { return read_end(decoder_) || ends_wrongly() ? Status() : fault(); }

private:
    // Whether nothing but the end's checksum is wrong, as it is the end's absence where that is no error.
    bool ends_wrongly() const { return std::strcmp(decoder_.message.text, "IEND: CRC error") == 0; }

    Error fault() const {
        return Error{std::string("damaged or truncated PNG (") + decoder_.message.text + "); get the file again"};
    }

    Decoder decoder_;
};

class PngWriter : public RowWriter {
public:
    Status start(const Image &image, Sink &sink) {
        if (!encoder_.info)
            return Error{"not enough memory to write it"};
        row_bytes_ = image.row_bytes();
        return start_all(encoder_, image, sized_metadata(image), sink) ? Status() : fault();
    }
    Status write(const uint8_t *samples, int count) override {
        return write_some(encoder_, samples, row_bytes_, count) ? Status() : fault();
    }
    Status finish() override { return write_end(encoder_) ? Status() : fault(); }

private:
    Error fault() const { return Error{std::string("cannot be written as PNG (") + encoder_.message.text + ")"}; }

    Encoder encoder_;
    size_t row_bytes_ = 0;
};

}  // namespace

Result<std::unique_ptr<RowReader>> open_png(std::unique_ptr<Source> source) {
    auto reader = std::make_unique<PngReader>(std::move(source));
    SLIMSCALE_RETURN_IF_ERROR(reader->open());
    return std::unique_ptr<RowReader>(std::move(reader));
}

Result<std::unique_ptr<RowWriter>> start_png(const Image &image, Sink &sink) {
    auto writer = std::make_unique<PngWriter>();
    SLIMSCALE_RETURN_IF_ERROR(writer->start(image, sink));
    return std::unique_ptr<RowWriter>(std::move(writer));
}

Status decode_png(const std::vector<uint8_t> &bytes, Image &image) {
    auto source = std::make_unique<MemorySource>(bytes);
    SLIMSCALE_ASSIGN_OR_RETURN(const std::unique_ptr<RowReader> reader, open_png(std::move(source)));
    return read_all_rows(*reader, image);
}

Status encode_png(const Image &image, Sink &sink) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::unique_ptr<RowWriter> writer, start_png(image, sink));
    SLIMSCALE_RETURN_IF_ERROR(writer->write(image.samples.data(), image.height));
    return writer->finish();
}

}  // namespace slimscale::images
