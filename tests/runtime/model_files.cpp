#include "tests/runtime/model_files.h"
#include "weights/reference_weights.h"

#include <array>
#include <map>
#include <stdexcept>

namespace slimscale::test {

slimscale_model_info describe(const slimscale_model *model) {
    slimscale_model_info info{};
    info.size = sizeof info;
    static std::map<const slimscale_model *, std::array<uint8_t, 64>> storage;  // what `info` points to
    if (slimscale_describe(model, &info, storage[model].data()) != SLIMSCALE_OK)
        throw std::runtime_error("a test model cannot be described");
    return info;
}

std::vector<const slimscale_model *> all_models() {
    std::vector<const slimscale_model *> models;
    for (const slimscale_model *const *model = slimscale_models; *model; model++)
        models.push_back(*model);
    return models;
}

const slimscale_model *model_named(const std::string &name) {
    for (const slimscale_model *model : all_models())
        if (describe(model).name == name)
            return model;
    throw std::runtime_error("no test model is called " + name);
}

TestModel load(const slimscale_model *model, const std::string &folder) {
    TestModel result{model, describe(model), {}, {}};
    auto file = weights::load_model(folder + "/" + result.info.name + ".safetensors");
    if (!file)
        throw std::runtime_error(file.error());
    result.weights = weights::reference_weights(*file);
    result.file = std::move(*file);
    return result;
}

}  // namespace slimscale::test
