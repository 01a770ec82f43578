#include "compiler/source.h"

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "base/text.h"

namespace slimscale::generators {

Result<Source> load_source(const std::string &model_file) {
    SLIMSCALE_ASSIGN_OR_RETURN(weights::ModelFile model, weights::load_model(model_file));
    Source source;
    source.network = model.network;
    source.trained = model.trained_widths;
    for (const auto &[channels, ranges] : model.q16)
        source.calibrated.push_back(channels);
    source.file = std::move(model);
    return source;
}

Result<Source> preset_source(const std::string &preset, int scale, int colors) {
    const std::optional<networks::Network> network = networks::preset(preset, scale, colors);
    if (!network)
        return Error{"no network is called '" + preset + "': use " + base::joined(networks::preset_names())};
    SLIMSCALE_RETURN_IF_ERROR(networks::check_network(*network));
    Source source;
    source.network = *network;
    return source;
}

Status parse_widths(const std::string &text, const Source &source, std::vector<int> &channels) {
    if (text == "all" || (text == "trained" && source.trained.empty())) {
        channels = networks::widths(source.network);
        return Status();
    }
    if (text == "trained") {
        channels = source.trained;
        return Status();
    }
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) {
        if (part.empty() || part.size() > 6 || part.find_first_not_of("0123456789") != std::string::npos)
            return Error{"'" + part + "' is no width: give all, trained, or channel counts such as 16,64"};
        channels.push_back(std::stoi(part));
    }
    return channels.empty() ? Error{"no width named: give all, trained, or channel counts such as 16,64"} : Status();
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
        if (!base::is_name_letter(letter))
            letter = '_';
    }
    return name.substr(0, base::kMaxNameLength);
}

Status check_name(const std::string &name) {
    if (base::is_name(name))
        return Status();
    return Error{"'" + name + "' cannot name a model: use " + base::kNameRule};
}

}  // namespace slimscale::generators
