#include "cli/saved_pictures.h"

#include <filesystem>
#include <map>

#include "host/jobs.h"

namespace slimscale::cli {
namespace {

namespace fs = std::filesystem;

Status check_folder(const std::string &folder, const std::vector<std::string> &images) {
    std::map<std::string, std::string> by_stem;
    for (const std::string &image : images) {
        const fs::path path(image);
        std::error_code code;
        if (fs::equivalent(path.has_parent_path() ? path.parent_path() : ".", folder, code))
            return Error{folder + ": " + image + " lies there; give --save another folder"};
        const auto [other, is_new] = by_stem.emplace(path.stem().native(), image);
        if (!is_new)
            return Error{other->second + " and " + image +
                         " would be saved under the same names; evaluate them apart, into two folders"};
    }
    return Status();
}

std::vector<const images::Image *> all_pictures(const quality::Pictures &pictures) {
    std::vector<const images::Image *> all{&pictures.small, &pictures.bicubic};
    for (const images::Image &picture : pictures.results)
        all.push_back(&picture);
    for (const images::Image &picture : pictures.averages)
        all.push_back(&picture);
    return all;
}

}  // namespace

Status prepare_folder(const std::string &folder, const std::vector<std::string> &images) {
    SLIMSCALE_RETURN_IF_ERROR(check_folder(folder, images));
    return host::make_folder(folder);
}

std::vector<std::string> SavedPictures::paths(const std::string &image) const {
    const std::string start = (fs::path(folder_) / fs::path(image).stem()).native() + "_";
    std::vector<std::string> all{start + "lr.png", start + "bicubic.png"};
    for (const char *end : {".png", "_ensemble.png"}) {
        for (const quality::SubjectName &subject : subjects_)
            all.push_back(start + subject.name + "_" + std::to_string(subject.channels) + end);
        if (!self_ensemble_)
            break;
    }
    return all;
}

Status SavedPictures::existing(const std::string &image) const {
    for (const std::string &path : paths(image))
        SLIMSCALE_RETURN_IF_ERROR(host::check_absent(path, /*overwrite=*/false));
    return Status();
}

Status SavedPictures::save(const std::string &image, const quality::Pictures &pictures) const {
    const std::vector<std::string> names = paths(image);
    const std::vector<const images::Image *> all = all_pictures(pictures);
    for (size_t i = 0; i < all.size(); i++)
        SLIMSCALE_RETURN_IF_ERROR(images::write_image(names[i], *all[i], {}), names[i] + ": ");
    return Status();
}

}  // namespace slimscale::cli
