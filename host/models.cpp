#include "host/models.h"

#include <algorithm>
#include <cstring>
#include <filesystem>

#include <unistd.h>

#include "base/files.h"
#include "contract/blob_view.h"
#include "host/registry.h"
#include "weights/pack.h"

namespace slimscale::host {
namespace {

Model describe(const slimscale_model *archive) {
    slimscale_model_info info{};
    info.size = sizeof info;
    uint8_t storage[64];
    Model model;
    if (slimscale_describe(archive, &info, storage) != SLIMSCALE_OK)
        return model;
    model.archive = archive;
    model.name = info.name;
    model.title = info.name;
    model.network = info.network;
    model.scale = info.scale;
    model.colors = info.colors;
    model.channels = info.max_channels;
    for (int i = 0; i < info.channels_length; i++)
        model.widths.push_back(
            {info.channels[i], info.trained[i] != 0, slimscale_has_ranges(archive, info.channels[i]) != 0});
    for (int i = 0; i < info.target_count; i++)
        model.targets.push_back(describe_target(archive, info.targets[i]));
    return model;
}

template <class Accept>
const Model *find(const std::vector<Model> &compiled, Accept accept) {
    const auto found = std::find_if(compiled.begin(), compiled.end(), accept);
    return found == compiled.end() ? nullptr : &*found;
}

// Finds a model at the wanted scale; for 0 at 2, else 3, 4, and 1 (restoration) last.
template <class Accept>
const Model *find_at_scale(const std::vector<Model> &compiled, int scale, Accept accept) {
    const int scales[] = {scale, 2, 3, 4, 1};
    for (int candidate : scales) {
        if (scale != 0 && candidate != scale)
            continue;
        const Model *found =
            find(compiled, [&](const Model &model) { return model.scale == candidate && accept(model); });
        if (found)
            return found;
    }
    return nullptr;
}

// Finds a color network at the scale, else a luma network.
template <class Accept>
const Model *find_color_first(const std::vector<Model> &compiled, int scale, Accept accept) {
    const Model *color =
        find_at_scale(compiled, scale, [&](const Model &model) { return model.colors == 3 && accept(model); });
    return color ? color : find_at_scale(compiled, scale, accept);
}

std::string names(const std::vector<Model> &compiled) {
    std::string text;
    for (const Model &model : compiled)
        text += (text.empty() ? "" : ", ") + model.name;
    return text;
}

std::string wrong_scale(const std::string &what, int is, int wanted) {
    return what + " is x" + std::to_string(is) + ", but --scale asks for " + std::to_string(wanted);
}

// Reads a trained file into a packed blob, or takes a packed one as it is.
Status load_weights(const std::string &path, std::vector<uint8_t> &blob) {
    SLIMSCALE_ASSIGN_OR_RETURN(std::vector<uint8_t> bytes, base::read_file(path));
    if (bytes.size() >= sizeof kBlobMagic && std::memcmp(bytes.data(), kBlobMagic, sizeof kBlobMagic) == 0) {
        blob = std::move(bytes);
        return Status();
    }
    SLIMSCALE_ASSIGN_OR_RETURN(const weights::ModelFile trained, weights::parse_model(bytes.data(), bytes.size()),
                               path + ": ");
    SLIMSCALE_ASSIGN_OR_RETURN(blob, weights::pack(trained), path + ": ");
    return Status();
}

bool is_compiled(const Model &model, int channels) {
    return std::any_of(model.widths.begin(), model.widths.end(),
                       [=](const Model::Width &width) { return width.channels == channels; });
}

std::vector<int> lacking_widths(const BlobView &view, const Model &model) {
    std::vector<int> lacking;
    for (uint32_t i = 0; i < view.header->trained_count; i++)
        if (const int channels = static_cast<int>(view.trained[i]); !is_compiled(model, channels))
            lacking.push_back(channels);
    return lacking;
}

// The compiled model of the file's network; if there are several, the one that lacks the fewest of the file's widths.
const Model *find_for_file(const std::vector<Model> &compiled, const BlobView &view) {
    const BlobHeader &header = *view.header;
    const Model *best = nullptr;
    for (const Model &m : compiled) {
        if (m.network != header.network || m.scale != static_cast<int>(header.scale) ||
            m.colors != static_cast<int>(header.colors) || m.channels != static_cast<int>(header.channels))
            continue;
        if (!best || lacking_widths(view, m).size() < lacking_widths(view, *best).size())
            best = &m;
    }
    return best;
}

Status choose_by_file(const std::vector<Model> &compiled, const std::string &path, int scale, Model &model) {
    std::vector<uint8_t> blob;
    SLIMSCALE_RETURN_IF_ERROR(load_weights(path, blob));
    BlobView view;
    if (const char *fault = open_blob(blob.data(), blob.size(), &view))
        return Error{path + ": " + fault};
    const BlobHeader &header = *view.header;
    const int file_scale = static_cast<int>(header.scale);
    const Model *match = find_for_file(compiled, view);
    if (!match)
        return Error{path + ": " + header.network + " x" + std::to_string(file_scale) + " with " +
                     std::to_string(header.channels) +
                     " channels is not compiled in; run: make generate MODEL=" + path};
    if (scale != 0 && scale != file_scale)
        return Error{wrong_scale(path, file_scale, scale)};
    model = *match;
    model.title = std::filesystem::path(path).stem().native();
    model.lacking = lacking_widths(view, model);
    for (Model::Width &width : model.widths) {
        width.trained = view.is_trained(static_cast<uint32_t>(width.channels));
        width.has_ranges = view.q16_ranges(width.channels) != nullptr;
    }
    model.weights = std::move(blob);
    return Status();
}

}  // namespace

bool Model::trained() const {
    return std::any_of(widths.begin(), widths.end(), [](const Width &width) { return width.trained; });
}

std::vector<int> Model::usable_widths(bool allow_untrained) const {
    std::vector<int> usable;
    for (const Width &width : widths)
        if (width.trained || allow_untrained)
            usable.push_back(width.channels);
    return usable;
}

Model::Target describe_target(const slimscale_model *archive, const std::string &name) {
    char text[256] = "";
    const bool runnable =
        slimscale_describe_target(archive, name.c_str(), /*device=*/0, text, sizeof text) == SLIMSCALE_OK;
    return {name, runnable, text};
}

std::vector<Model> compiled_models() {
    std::vector<Model> models;
    for (const slimscale_model *const *archive = slimscale_models; *archive; archive++) {
        Model model = describe(*archive);
        if (model.archive)
            models.push_back(std::move(model));
    }
    return models;
}

Status choose_model(const std::vector<Model> &compiled, const std::string &wanted, int scale, bool allow_untrained,
                    Model &model) {
    if (compiled.empty())
        return Error{"no model is compiled in; run: make generate"};
    const auto usable = [&](const Model &m) { return allow_untrained || m.trained(); };
    if (wanted.empty()) {
        const Model *found = find_color_first(compiled, scale, usable);
        if (!found)
            return Error{"no trained model" + (scale ? " for x" + std::to_string(scale) : std::string()) +
                         " is compiled in; there are: " + names(compiled)};
        model = *found;
        return Status();
    }
    if (const Model *found = find(compiled, [&](const Model &m) { return m.name == wanted; })) {
        if (scale != 0 && scale != found->scale)
            return Error{wrong_scale(wanted, found->scale, scale)};
        model = *found;
        return Status();
    }
    if (const Model *found = find_color_first(compiled, scale, [&](const Model &m) { return m.network == wanted; })) {
        model = *found;
        return Status();
    }
    if (access(wanted.c_str(), F_OK) == 0)
        return choose_by_file(compiled, wanted, scale, model);
    return Error{"--model " + wanted + ": no file, and no compiled model" +
                 (scale ? " for x" + std::to_string(scale) : std::string()) + "; there are: " + names(compiled)};
}

}  // namespace slimscale::host
