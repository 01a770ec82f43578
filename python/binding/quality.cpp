#include <nanobind/stl/string.h>
#include <nanobind/stl/tuple.h>
#include <nanobind/stl/vector.h>

#include <exception>
#include <tuple>

#include "binding/binding.h"
#include "binding/errors.h"
#include "extras/images/listing.h"
#include "extras/quality/degrade.h"
#include "extras/quality/evaluate.h"
#include "extras/quality/json.h"
#include "host/models.h"
#include "host/subjects.h"
#include "host/upscaler.h"

namespace nb = nanobind;

namespace slimscale::python {
namespace {

// Calls progress(done, total, image). Once that or a signal handler has raised, the remaining images are left out.
class Watcher {
public:
    Watcher(nb::object callback, size_t total) : callback_(std::move(callback)), total_(total) {}

    Status before(size_t index, const std::string &image) {
        const nb::gil_scoped_acquire acquired;
        try {
            if (!stopped_ && PyErr_CheckSignals() != 0)
                nb::raise_python_error();
            if (!stopped_ && !callback_.is_none())
                callback_(index, total_, image);
        } catch (...) {
            stopped_ = std::current_exception();
        }
        return stopped_ ? Error{"stopped"} : Status();
    }
    void rethrow() const {
        if (stopped_)
            std::rethrow_exception(stopped_);
    }

private:
    nb::object callback_;
    size_t total_;
    std::exception_ptr stopped_;
};

// The evaluation as JSON (extras/quality/json.h), and its warnings.
std::tuple<std::string, std::vector<std::string>>
evaluate(const std::string &model, const std::vector<std::string> &paths, const std::vector<int> &channels, bool all,
         int scale, bool self_ensemble, const std::string &small, const std::string &degrade, const std::string &target,
         int threads, size_t memory_cap, bool allow_untrained, const nb::object &progress) {
    std::vector<std::string> images;
    check(images::list_images(paths, images));
    if (!degrade.empty())
        check(quality::parse_degradations(degrade).status());
    host::Model chosen;
    host::Upscaler upscaler;
    check(host::choose_model(host::compiled_models(), model, scale, allow_untrained, chosen));
    host::HandleOptions open;
    open.widths = channels.empty() ? chosen.usable_widths(allow_untrained) : channels;
    if (open.widths.empty())
        throw Failure{SLIMSCALE_UNTRAINED_CHANNELS, chosen.name + " is not trained at any channel count"};
    if (channels.empty() && !all)
        open.widths = {open.widths.back()};
    open.target = target;
    open.threads = threads;
    open.memory_cap = memory_cap;
    open.allow_untrained = allow_untrained;
    check(upscaler.open(chosen, open));

    const std::string name = chosen.title;
    quality::EvaluationOptions how;
    how.scale = chosen.scale;
    how.colors = chosen.colors;
    how.self_ensemble = self_ensemble;
    how.small_folder = small;
    how.degrade = degrade;
    Watcher watcher(progress, images.size());
    quality::Callbacks callbacks;
    callbacks.before = [&](size_t index, const std::string &image) { return watcher.before(index, image); };
    quality::Evaluation evaluation;
    {
        const nb::gil_scoped_release released;
        evaluation = quality::evaluate(images, host::subjects_of(upscaler, name), how, callbacks);
    }
    watcher.rethrow();
    return {quality::to_json(evaluation), evaluation.warnings};
}

}  // namespace

void bind_quality(nb::module_ &module) {
    module.def("evaluate", &evaluate, nb::arg("model"), nb::arg("images"), nb::arg("channels"), nb::arg("all"),
               nb::arg("scale"), nb::arg("self_ensemble"), nb::arg("small"), nb::arg("degrade"), nb::arg("target"),
               nb::arg("threads"), nb::arg("memory_cap"), nb::arg("allow_untrained"), nb::arg("progress").none());
}

}  // namespace slimscale::python
