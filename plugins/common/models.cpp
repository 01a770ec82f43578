#include "plugins/common/models.h"

#include <algorithm>

extern "C" const slimscale_model *const slimscale_models[];  // of the bundle, null-terminated

namespace slimscale::plugins {
namespace {

std::vector<Model> read_models() {
    std::vector<Model> found;
    for (const slimscale_model *const *archive = slimscale_models; *archive; archive++) {
        slimscale_model_info info{};
        info.size = sizeof info;
        uint8_t storage[64];
        if (slimscale_describe(*archive, &info, storage) != SLIMSCALE_OK)
            continue;
        Model model{*archive, info.name, info.scale, info.colors, {}};
        for (int i = 0; i < info.channels_length; i++)
            if (info.trained[i])
                model.channels.push_back(info.channels[i]);
        if (!model.channels.empty())
            found.push_back(std::move(model));
    }
    return found;
}

template <class Accept>
const Model *find(Accept accept) {
    const auto found = std::find_if(models().begin(), models().end(), accept);
    return found == models().end() ? nullptr : &*found;
}

}  // namespace

const std::vector<Model> &models() {
    static const std::vector<Model> all = read_models();
    return all;
}

std::string model_names() {
    std::string names;
    for (const Model &model : models())
        names += (names.empty() ? "" : ", ") + model.name;
    return names;
}

Result<const Model *> find_model(const std::string &name) {
    const Model *model = name.empty() ? find([](const Model &m) { return m.scale == 2 && m.colors == 3; })
                                      : find([&](const Model &m) { return m.name == name; });
    if (!model && name.empty() && !models().empty())
        model = &models().front();
    if (!model)
        return Error{"there is no model \"" + name + "\"; this plugin has " +
                     (models().empty() ? "none" : model_names())};
    return model;
}

Status check_channels(const Model &model, int channels) {
    if (channels == 0 || std::find(model.channels.begin(), model.channels.end(), channels) != model.channels.end())
        return Status();
    std::string trained;
    for (const int count : model.channels)
        trained += (trained.empty() ? "" : ", ") + std::to_string(count);
    return Error{model.name + " has no trained network of " + std::to_string(channels) +
                 " channels; there are: " + trained + " (0 takes the most that meet the time asked for)"};
}

}  // namespace slimscale::plugins
