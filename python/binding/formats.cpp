#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <tuple>

#include "binding/binding.h"
#include "binding/errors.h"
#include "binding/formats.h"

namespace nb = nanobind;

namespace slimscale::python {

slimscale_format format_of(const std::string &name) {
    slimscale_format format{};
    if (slimscale_parse_format(name.c_str(), &format) != SLIMSCALE_OK)
        throw Failure{SLIMSCALE_INVALID_ARGUMENT, "'" + name + "' is no pixel format; slimscale.formats() lists them"};
    return format;
}

slimscale_format_info describe(slimscale_format format) {
    slimscale_format_info info{};
    info.size = sizeof info;
    check(slimscale_describe_format(format, &info));
    return info;
}

namespace {

// For each plane, (bytes of a row, rows).
std::vector<std::tuple<size_t, int>> plane_sizes(const std::string &name, int width, int height) {
    const slimscale_format format = format_of(name);
    std::vector<std::tuple<size_t, int>> sizes;
    for (int plane = 0; plane < describe(format).planes; plane++) {
        size_t bytes = 0;
        int rows = 0;
        check(slimscale_plane_size(format, width, height, plane, &bytes, &rows));
        sizes.emplace_back(bytes, rows);
    }
    return sizes;
}

std::vector<std::string> format_names() {
    std::vector<std::string> names;
    while (const char *name = slimscale_format_name(static_cast<slimscale_format>(names.size())))
        names.emplace_back(name);
    return names;
}

}  // namespace

void bind_formats(nb::module_ &module) {
    module.def("format_names", &format_names);
    module.def("plane_sizes", &plane_sizes, nb::arg("format"), nb::arg("width"), nb::arg("height"),
               "Bytes of a row without padding, and rows, of each plane of a frame in pixels.");
    module.def(
        "describe_format",
        [](const std::string &name) {
            const slimscale_format_info info = describe(format_of(name));
            nb::dict fields;
            fields["model"] = static_cast<int>(info.model);
            fields["planes"] = info.planes;
            fields["bits"] = info.bits;
            fields["word_bytes"] = info.word_bytes;
            fields["floats"] = info.floats != 0;
            fields["alpha"] = info.alpha != 0;
            return fields;
        },
        nb::arg("format"));
}

}  // namespace slimscale::python
