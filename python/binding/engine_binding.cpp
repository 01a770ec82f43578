#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <cstring>
#include <tuple>

#include "binding/binding.h"
#include "binding/engine.h"
#include "binding/errors.h"
#include "binding/formats.h"
#include "extras/images/image.h"
#include "host/alpha.h"
#include "host/profile_file.h"

namespace nb = nanobind;

namespace slimscale::python {
namespace {

// Arrays are used in place. Without noconvert() nanobind would copy an array of another type into a new one: 40000
// would become 64, and what is written into the copy would be lost.
using ReadPlane = nb::ndarray<nb::ro, nb::device::cpu>;
using WritePlane = nb::ndarray<nb::device::cpu>;

// A frame without its planes: (format, width in pixels, height, matrix, range, siting).
using Layout = std::tuple<std::string, int, int, int, int, int>;

// The bytes of a row. Throws Failure if there are gaps between its samples.
template <class Plane>
size_t row_bytes(const Plane &plane, const char *what) {
    int64_t items = 1;
    for (size_t d = plane.ndim(); d-- > 1;) {
        if (plane.shape(d) != 1 && plane.stride(d) != items)
            throw Failure{SLIMSCALE_INVALID_ARGUMENT, std::string("the ") + what + "'s rows have gaps between samples"};
        items *= static_cast<int64_t>(plane.shape(d));
    }
    return static_cast<size_t>(items) * plane.itemsize();
}

// An image without planes.
slimscale_image image_of(const Layout &layout) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    const auto &[format, width, height, matrix, range, siting] = layout;
    image.format = format_of(format);
    image.width = width;
    image.height = height;
    image.matrix = static_cast<slimscale_matrix>(matrix);
    image.range = static_cast<slimscale_range>(range);
    image.siting = static_cast<slimscale_siting>(siting);
    return image;
}

template <class Plane>
slimscale_image image_of(const Layout &layout, const std::vector<Plane> &planes, int colors, const char *what) {
    slimscale_image image = image_of(layout);
    const std::string &format = std::get<0>(layout);
    const int width = image.width, height = image.height;
    const slimscale_format_info info = describe(image.format);
    const int wanted = info.model == SLIMSCALE_MODEL_PLANAR && colors == 1 ? 1 : info.planes;
    if (static_cast<int>(planes.size()) != wanted)
        throw Failure{SLIMSCALE_INVALID_ARGUMENT, format + " has " + std::to_string(wanted) + " planes, and the " +
                                                      what + " has " + std::to_string(planes.size())};
    for (int p = 0; p < wanted; p++) {
        const Plane &plane = planes[static_cast<size_t>(p)];
        size_t bytes = 0;
        int rows = 0;
        check(slimscale_plane_size(image.format, width, height, p, &bytes, &rows));
        if (plane.ndim() < 1 || plane.shape(0) < static_cast<size_t>(rows) || row_bytes(plane, what) < bytes)
            throw Failure{SLIMSCALE_INVALID_ARGUMENT, std::string("plane ") + std::to_string(p) + " of the " + what +
                                                          " is smaller than " + std::to_string(rows) + " rows of " +
                                                          std::to_string(bytes) + " bytes"};
        image.planes[p] = const_cast<void *>(static_cast<const void *>(plane.data()));
        image.strides[p] = plane.shape(0) == 1
                               ? static_cast<ptrdiff_t>(bytes)
                               : static_cast<ptrdiff_t>(plane.stride(0)) * static_cast<ptrdiff_t>(plane.itemsize());
    }
    return image;
}

// (channels, target, meets the deadline, predicted ms, actual ms, why these channels, slowdown)
using Report = std::tuple<int, std::string, bool, double, double, std::string, double>;

Report report_of(const slimscale_report &report) {
    return {report.channels,     report.target,    report.meets_budget != 0,
            report.predicted_ms, report.actual_ms, slimscale_reason_text(report.reason),
            report.slowdown};
}

slimscale_request request_of(int channels, double budget_ms, double percentile, const slimscale_profile *profile) {
    slimscale_request request = SLIMSCALE_REQUEST_INIT;
    request.channels = channels;
    request.budget_ms = budget_ms;
    request.percentile = percentile;
    request.profile = profile;
    return request;
}

Report run(Engine &engine, const Layout &from, const std::vector<ReadPlane> &input, const Layout &to,
           const std::vector<WritePlane> &output, int channels, double budget_ms, double percentile,
           const slimscale_profile *profile) {
    const int colors = engine.model().colors;
    const slimscale_image source = image_of(from, input, colors, "input");
    const slimscale_image result = image_of(to, output, colors, "output");
    const int scale = engine.model().scale;
    if (result.width != source.width * scale || result.height != source.height * scale)
        throw Failure{SLIMSCALE_INVALID_ARGUMENT, "the output must be " + std::to_string(scale) + " times as large"};
    const slimscale_request request = request_of(channels, budget_ms, percentile, profile);
    const nb::gil_scoped_release released;
    return report_of(engine.run(request, source, result));
}

void begin_rows(Engine &engine, const Layout &from, const Layout &to, int channels, double budget_ms, double percentile,
                const slimscale_profile *profile) {
    const slimscale_image input = image_of(from), output = image_of(to);
    const slimscale_request request = request_of(channels, budget_ms, percentile, profile);
    const nb::gil_scoped_release released;
    engine.begin_rows(request, input, output);
}

int push_rows(Engine &engine, const Layout &band, const std::vector<ReadPlane> &planes) {
    const slimscale_image rows = image_of(band, planes, engine.model().colors, "band");
    const nb::gil_scoped_release released;
    return engine.push_rows(rows);
}

int take_rows(Engine &engine, const Layout &band, const std::vector<WritePlane> &planes) {
    const slimscale_image rows = image_of(band, planes, engine.model().colors, "band");
    const nb::gil_scoped_release released;
    return engine.take_rows(rows);
}

Report end_rows(Engine &engine) {
    const nb::gil_scoped_release released;
    return report_of(engine.end_rows());
}

// (channels, threads, target, fixed ns, ns per pixel)
using Cost = std::tuple<int, int, std::string, double, double>;

std::vector<Cost> costs_of(const slimscale_profile &profile) {
    std::vector<Cost> costs;
    for (uint32_t i = 0; i < profile.cost_count && i < SLIMSCALE_MAX_COSTS; i++) {
        const slimscale_cost &cost = profile.costs[i];
        costs.emplace_back(cost.channels, cost.threads, cost.target, cost.fixed_ns, cost.ns_per_pixel);
    }
    return costs;
}

std::string text_of(const slimscale_profile &profile) {
    std::string text(slimscale_profile_to_text(&profile, nullptr, 0), '\0');
    if (text.empty())
        throw Failure{SLIMSCALE_INVALID_PROFILE, "the profile is damaged; measure it again"};
    slimscale_profile_to_text(&profile, text.data(), text.size());
    text.pop_back();  // the zero
    return text;
}

slimscale_profile profile_of(const std::string &text) {
    slimscale_profile profile{};
    profile.size = sizeof profile;
    char sentence[256] = "";
    check(slimscale_profile_from_text(text.data(), text.size(), &profile, sentence, sizeof sentence), sentence);
    return profile;
}

// (channels, predicted ms), the most channels first.
std::vector<std::tuple<int, double>> predict(const Engine &engine, const slimscale_profile &profile, int width,
                                             int height) {
    std::vector<std::tuple<int, double>> all;
    for (auto channels = engine.channels().rbegin(); channels != engine.channels().rend(); ++channels) {
        int chosen = 0, meets = 0;
        double ms = 0;
        check(slimscale_choose(&profile, engine.target_at(*channels), engine.threads(), &*channels, 1, width, height, 1,
                               &chosen, &ms, &meets));
        all.emplace_back(chosen, ms);
    }
    return all;
}

std::string default_profile_path(const Engine &engine) {
    return host::profile_path(engine.model().name, engine.device(), engine.threads());
}

nb::dict dict_of(const host::Model &model) {
    nb::dict fields;
    nb::list channels, targets;
    for (const host::Model::Width &width : model.widths)
        channels.append(nb::make_tuple(width.channels, width.trained, width.has_ranges));
    for (const host::Model::Target &target : model.targets)
        targets.append(nb::make_tuple(target.name, target.runnable, target.where));
    fields["name"] = model.name;
    fields["network"] = model.network;
    fields["scale"] = model.scale;
    fields["colors"] = model.colors;
    fields["max_channels"] = model.channels;
    fields["channels"] = channels;
    fields["targets"] = targets;
    return fields;
}

nb::list models() {
    nb::list all;
    for (const host::Model &model : host::compiled_models())
        all.append(dict_of(model));
    return all;
}

// Sets the colors of transparent pixels in `pixels`, (y, x, 4) without gaps, in place.
void bleed_colors(const nb::ndarray<uint16_t, nb::shape<-1, -1, 4>, nb::c_contig, nb::device::cpu> &pixels) {
    images::Image image;
    image.width = static_cast<int>(pixels.shape(1));
    image.height = static_cast<int>(pixels.shape(0));
    image.channels = 4;
    image.bits = 16;
    image.allocate();
    std::memcpy(image.samples.data(), pixels.data(), image.samples.size());
    host::bleed_colors(image);
    std::memcpy(pixels.data(), image.samples.data(), image.samples.size());
}

void bind_profile(nb::module_ &module) {
    nb::class_<slimscale_profile>(module, "Profile")
        .def_prop_ro("model", [](const slimscale_profile &p) { return std::string(p.model); })
        .def_prop_ro("machine", [](const slimscale_profile &p) { return std::string(p.machine); })
        .def_prop_ro("costs", &costs_of)
        .def("to_text", &text_of)
        .def_static("from_text", &profile_of, nb::arg("text"));
}

}  // namespace

void bind_engine(nb::module_ &module) {
    bind_profile(module);
    nb::class_<Engine>(module, "Engine")
        .def(
            "__init__",
            [](Engine *engine, const std::string &model, int scale, const std::vector<int> &channels,
               const std::string &target, int device, int threads, size_t memory_cap, bool allow_untrained,
               double loss_db, const slimscale_profile *profile, const std::string &profile_path) {
                const MeasuredTimes times{profile ? std::optional(*profile) : std::nullopt, profile_path};
                const nb::gil_scoped_release released;
                new (engine) Engine(
                    {model, scale, channels, target, device, threads, memory_cap, allow_untrained, loss_db}, times);
            },
            nb::arg("model"), nb::arg("scale"), nb::arg("channels"), nb::arg("target"), nb::arg("device"),
            nb::arg("threads"), nb::arg("memory_cap"), nb::arg("allow_untrained"), nb::arg("loss_db"),
            nb::arg("profile").none(), nb::arg("profile_path"))
        .def("describe", [](const Engine &engine) { return dict_of(engine.model()); })
        .def_prop_ro("channels", [](const Engine &engine) { return engine.channels(); })
        .def_prop_ro("target", [](const Engine &engine) { return std::string(engine.target()); })
        .def(
            "target_at", [](const Engine &engine, int channels) { return std::string(engine.target_at(channels)); },
            nb::arg("channels"))
        .def_prop_ro("device", [](const Engine &engine) { return std::string(engine.device()); })
        .def_prop_ro("threads", &Engine::threads)
        .def("plan", &Engine::plan, nb::arg("width"), nb::arg("height"), nb::call_guard<nb::gil_scoped_release>())
        .def("memory",
             [](Engine &engine) {
                 const slimscale_plan_info info = engine.plan_info();
                 return std::make_tuple(info.workspace_bytes, info.weights_bytes);
             })
        .def("run", &run, nb::arg("input_layout"), nb::arg("input").noconvert(), nb::arg("output_layout"),
             nb::arg("output").noconvert(), nb::arg("channels"), nb::arg("budget_ms"), nb::arg("percentile"),
             nb::arg("profile").none())
        .def("begin_rows", &begin_rows, nb::arg("input_layout"), nb::arg("output_layout"), nb::arg("channels"),
             nb::arg("budget_ms"), nb::arg("percentile"), nb::arg("profile").none())
        .def("push_rows", &push_rows, nb::arg("layout"), nb::arg("planes").noconvert())
        .def("take_rows", &take_rows, nb::arg("layout"), nb::arg("planes").noconvert())
        .def("end_rows", &end_rows)
        .def("measure_profile", &Engine::measure_profile, nb::arg("budget_ms"),
             nb::call_guard<nb::gil_scoped_release>())
        .def("profile_path", &default_profile_path)
        .def(
            "load_profile",
            [](const Engine &engine, const std::string &path) -> std::optional<slimscale_profile> {
                slimscale_profile profile{};
                if (!host::load_profile(path, engine.model(), engine.key(), profile))
                    return std::nullopt;
                return profile;
            },
            nb::arg("path"))
        .def(
            "save_profile",
            [](const Engine &engine, const std::string &path, const slimscale_profile &profile) {
                check(host::save_profile(path, engine.model(), profile));
            },
            nb::arg("path"), nb::arg("profile"))
        .def("predict", &predict, nb::arg("profile"), nb::arg("width"), nb::arg("height"));
    module.def("models", &models);
    module.def("machine", [] { return std::string(slimscale_machine()); });
    module.def("default_threads", &slimscale_default_threads);
    module.def("bleed_colors", &bleed_colors, nb::arg("pixels").noconvert(), nb::call_guard<nb::gil_scoped_release>());
}

}  // namespace slimscale::python
