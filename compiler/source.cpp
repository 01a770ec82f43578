#include "compiler/source.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "weights/model_file.h"
#include "weights/pack.h"

namespace slimscale::generators {
namespace {

constexpr size_t kMaxName = 47;

std::string list(const std::vector<std::string> &names) {
    std::string text;
    for (const std::string &name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

bool is_name_letter(char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
}

}  // namespace

Source load_source(const std::string &model_file) {
    Source source;
    const auto model = weights::load_model(model_file);
    if (!model) {
        source.error = model.error();
        return source;
    }
    auto blob = weights::pack(*model);
    source.error = blob.error();
    source.network = model->network;
    source.trained = model->trained_widths;
    for (const auto &[channels, ranges] : model->q16)
        source.calibrated.push_back(channels);
    if (blob)
        source.blob = std::move(*blob);
    return source;
}

Source preset_source(const std::string &preset, int scale, int colors) {
    Source source;
    const auto network = networks::preset(preset, scale, colors);
    if (!network)
        source.error = "no network is called '" + preset + "': use " + list(networks::preset_names());
    else if (source.error = networks::network_error(*network); source.error.empty())
        source.network = *network;
    return source;
}

std::string parse_widths(const std::string &text, const Source &source, std::vector<int> &channels) {
    if (text == "all" || (text == "trained" && source.trained.empty())) {
        channels = networks::widths(source.network);
        return "";
    }
    if (text == "trained") {
        channels = source.trained;
        return "";
    }
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
        if (part.empty() || part.size() > 6 || part.find_first_not_of("0123456789") != std::string::npos)
            return "'" + part + "' is no width: give all, trained, or channel counts such as 16,64";
        channels.push_back(std::stoi(part));
    }
    return channels.empty() ? "no width named: give all, trained, or channel counts such as 16,64" : "";
}

bool is_calibrated(const Source &source, const std::vector<int> &channels) {
    const auto contains = [](const std::vector<int> &widths, int width) {
        return std::find(widths.begin(), widths.end(), width) != widths.end();
    };
    const auto calibrated = [&](int width) { return contains(source.calibrated, width); };
    const auto lacking = [&](int width) { return contains(source.trained, width) && !calibrated(width); };
    return std::any_of(channels.begin(), channels.end(), calibrated) &&
           std::none_of(channels.begin(), channels.end(), lacking);
}

std::string name_from_file(const std::string &path) {
    std::string name = std::filesystem::path(path).stem().string();
    for (char &letter : name) {
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter - 'A' + 'a');
        if (!is_name_letter(letter))
            letter = '_';
    }
    return name.substr(0, kMaxName);
}

std::string name_error(const std::string &name) {
    bool good = !name.empty() && name.size() <= kMaxName;
    for (char letter : name)
        good = good && is_name_letter(letter);
    return good ? "" : "'" + name + "' cannot name a model: use 1 to 47 of the characters a-z, 0-9 and _";
}

}  // namespace slimscale::generators
