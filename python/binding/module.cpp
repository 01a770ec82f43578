// slimscale._core: what the Python package calls. The package checks and documents; this layer converts.
#include <nanobind/stl/string.h>

#include <exception>

#include "binding/binding.h"
#include "binding/errors.h"
#include "host/console.h"

namespace nb = nanobind;

namespace slimscale::python {
namespace {

// slimscale._errors has the classes and picks one. A sentence may hold a file's name that is not UTF-8.
void raise_failure(const std::exception_ptr &thrown, void *) {
    try {
        std::rethrow_exception(thrown);
    } catch (const Failure &failure) {
        const nb::object sentence = nb::steal(PyUnicode_DecodeFSDefault(failure.sentence.c_str()));
        const nb::object error = nb::module_::import_("slimscale._errors").attr("error_of")(failure.status, sentence);
        PyErr_SetObject(error.type().ptr(), error.ptr());
    }
}

}  // namespace
}  // namespace slimscale::python

NB_MODULE(_core, module) {
    namespace ours = slimscale::python;
    module.doc() = "The compiled part of slimscale; use the package's own names.";
    module.def("version", &slimscale::host::version);
    nb::register_exception_translator(ours::raise_failure);
    ours::bind_engine(module);
    ours::bind_files(module);
    ours::bind_formats(module);
    ours::bind_networks(module);
    ours::bind_quality(module);
}
