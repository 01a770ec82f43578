// Pictures and video as the bytes of their files, which is how slimscale.cluster sends them to other machines, and the
// writer of its results.
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <mutex>
#include <tuple>

#include "base/files.h"
#include "binding/binding.h"
#include "binding/engine.h"
#include "binding/errors.h"
#include "extras/images/channels.h"
#include "extras/images/image.h"
#include "extras/video/stream.h"
#include "host/jobs.h"
#include "host/upscaler.h"
#include "host/video_frames.h"

namespace nb = nanobind;

namespace slimscale::python {
namespace {

void check_argument(const base::Status &status) {
    if (!status)
        throw Failure{SLIMSCALE_INVALID_ARGUMENT, status.error()};
}

// "png", "jpeg", ...; "": as the file's name says.
images::FileFormat format_named(const std::string &name) {
    images::FileFormat format = images::FileFormat::unknown;
    if (!name.empty())
        check_argument(host::parse_format(name, format));
    return format;
}

// What a piece of work took: (channels, target, width and height of the input in pixels, milliseconds, notes).
using Done = std::tuple<int, std::string, int, int, double, std::vector<std::string>>;

// A model opened at one channel count. Any thread may call it, and calls run one at a time.
class FileUpscaler {
public:
    FileUpscaler(const EngineOptions &options, const std::string &border) {
        host::HandleOptions how = choose(options, model_);
        how.widths = {how.widths.back()};
        host::Border beyond_edges = host::Border::automatic;
        check_argument(host::parse_border(border, beyond_edges));
        upscaler_.use_border(beyond_edges);
        check(upscaler_.open(model_, how));
    }

    const host::Model &model() const { return model_; }
    int channels() const { return upscaler_.widths().back(); }
    std::string target() const { return slimscale_target(upscaler_.handle()); }

    std::pair<std::vector<uint8_t>, Done> picture(const std::vector<uint8_t> &file, const std::string &format,
                                                  int quality) {
        const std::lock_guard<std::mutex> locked(mutex_);
        images::WriteOptions write;
        write.jpeg_quality = quality;
        write.format = format_named(format);
        images::Image input, output;
        check(images::decode_image(file, input));
        const int width = input.width, height = input.height;
        check(images::check_format(write.format, width * model_.scale, height * model_.scale,
                                   !images::fully_opaque(input)));
        std::vector<std::string> notes = input.notes;
        for (const std::string &lost : images::lost_in(write.format, upscaler_.result_of(input)))
            notes.push_back(lost);
        slimscale_report report = SLIMSCALE_REPORT_INIT;
        check(upscaler_.upscale(std::move(input), SLIMSCALE_REQUEST_INIT, output, report));
        std::vector<uint8_t> bytes;
        check(images::encode_image(output, write.format, write, bytes));
        Done done{report.channels, report.target, width, height, report.actual_ms, std::move(notes)};
        return {std::move(bytes), std::move(done)};
    }

    // `path`: a y4m stream. The bytes are those of the result's frames, each with its line and without a header.
    std::pair<std::vector<uint8_t>, Done> y4m(const std::string &path) {
        const std::lock_guard<std::mutex> locked(mutex_);
        host::FrameReader reader = value_of(
            host::FrameReader::open(value_of(video::ByteSource::open(path)), host::StreamOptions(), model_.colors));
        const host::FrameLayout from = reader.layout(), to = from.scaled(model_.scale);
        check(upscaler_.plan(from.image.width, from.image.height));
        std::vector<uint8_t> from_chroma = from.neutral_chroma(), to_chroma(to.added_bytes()), frames;
        host::VideoFrame frame;
        frame.bytes.resize(from.stream_bytes());
        slimscale_report report = SLIMSCALE_REPORT_INIT;
        double ms = 0;
        while (value_of(reader.read(frame))) {
            const std::string line = "FRAME" + frame.parameters + "\n";
            const size_t begin = frames.size() + line.size();
            frames.insert(frames.end(), line.begin(), line.end());
            frames.resize(begin + to.stream_bytes());
            const slimscale_request request = SLIMSCALE_REQUEST_INIT;
            const slimscale_image input = from.view(frame.bytes.data(), from_chroma.data()),
                                  output = to.view(frames.data() + begin, to_chroma.data());
            slimscale_handle *s = upscaler_.handle();
            check(slimscale_run(s, &request, &input, &output, &report), slimscale_error(s));
            ms += report.actual_ms;
        }
        Done done{report.channels, target(), from.image.width, from.image.height, ms, {}};
        return {std::move(frames), std::move(done)};
    }

private:
    host::Model model_;
    std::mutex mutex_;
    host::Upscaler upscaler_;
};

nb::bytes bytes_of(const std::vector<uint8_t> &bytes) {
    return nb::bytes(bytes.data(), bytes.size());
}

// The bytes of os.fsencode(): a file's name needs not be UTF-8.
std::string text_of(const nb::bytes &bytes) {
    return std::string(bytes.c_str(), bytes.size());
}

// ([(input, output, format's name)], number of other files).
std::tuple<std::vector<std::tuple<std::string, std::string, std::string>>, size_t>
list_jobs(const std::vector<std::string> &inputs, const std::string &output, bool recursive, const std::string &format,
          bool folders_may_be_empty) {
    const host::Jobs jobs =
        value_of(host::list_jobs({inputs, output, recursive, format_named(format), folders_may_be_empty}));
    std::vector<std::tuple<std::string, std::string, std::string>> named;
    for (const host::Job &job : jobs.jobs)
        named.emplace_back(job.input, job.output, images::name_of_format(job.format));
    return {named, jobs.others};
}

// Of a y4m file: (bytes of a frame without its line, the header of the result, without a line feed).
std::tuple<uint64_t, std::string> describe_y4m(const std::string &path, int scale) {
    const host::FrameReader reader =
        value_of(host::FrameReader::open(value_of(video::ByteSource::open(path)), host::StreamOptions(), /*colors=*/1));
    const video::Y4mHeader &header = *reader.header();
    return {reader.layout().stream_bytes(), video::header_line(header, header.width * scale, header.height * scale)};
}

}  // namespace

void bind_files(nb::module_ &module) {
    nb::class_<FileUpscaler>(module, "FileUpscaler")
        .def(
            "__init__",
            [](FileUpscaler *upscaler, const std::string &model, int scale, const std::vector<int> &channels,
               const std::string &target, int threads, size_t memory_cap, const std::string &border) {
                const nb::gil_scoped_release released;
                new (upscaler) FileUpscaler({model, scale, channels, target, 0, threads, memory_cap, false}, border);
            },
            nb::arg("model"), nb::arg("scale"), nb::arg("channels"), nb::arg("target"), nb::arg("threads"),
            nb::arg("memory_cap"), nb::arg("border"))
        .def_prop_ro("model", [](const FileUpscaler &upscaler) { return upscaler.model().name; })
        .def_prop_ro("scale", [](const FileUpscaler &upscaler) { return upscaler.model().scale; })
        .def_prop_ro("channels", &FileUpscaler::channels)
        .def_prop_ro("target", &FileUpscaler::target)
        .def(
            "picture",
            [](FileUpscaler &upscaler, const nb::bytes &file, const std::string &format, int quality) {
                const uint8_t *data = static_cast<const uint8_t *>(file.data());
                const std::vector<uint8_t> bytes(data, data + file.size());
                std::pair<std::vector<uint8_t>, Done> result;
                {
                    const nb::gil_scoped_release released;
                    result = upscaler.picture(bytes, format, quality);
                }
                return std::make_tuple(bytes_of(result.first), result.second);
            },
            nb::arg("file"), nb::arg("format"), nb::arg("quality"))
        .def(
            "y4m",
            [](FileUpscaler &upscaler, const std::string &path) {
                std::pair<std::vector<uint8_t>, Done> result;
                {
                    const nb::gil_scoped_release released;
                    result = upscaler.y4m(path);
                }
                return std::make_tuple(bytes_of(result.first), result.second);
            },
            nb::arg("path"));
    nb::class_<base::FileWriter>(module, "FileWriter")
        .def(
            "__init__",
            [](base::FileWriter *writer, const nb::bytes &path) {
                const std::string name = text_of(path);
                const nb::gil_scoped_release released;
                new (writer) base::FileWriter(value_of(base::FileWriter::open(name)));
            },
            nb::arg("path"))
        .def(
            "write",
            [](base::FileWriter &writer, const nb::bytes &data) {
                const void *bytes = data.data();
                const size_t size = data.size();
                const nb::gil_scoped_release released;
                check(writer.write(bytes, size));
            },
            nb::arg("data"))
        .def(
            "commit", [](base::FileWriter &writer) { check(writer.commit()); },
            nb::call_guard<nb::gil_scoped_release>());
    module.def("list_jobs", &list_jobs, nb::arg("inputs"), nb::arg("output"), nb::arg("recursive"), nb::arg("format"),
               nb::arg("folders_may_be_empty"), nb::call_guard<nb::gil_scoped_release>());
    module.def("describe_y4m", &describe_y4m, nb::arg("path"), nb::arg("scale"));
}

}  // namespace slimscale::python
