// The pictures of an evaluation in a folder: the small image, and the results of bicubic and of every width.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "extras/quality/evaluation.h"
#include "extras/quality/pictures.h"

namespace slimscale::cli {

// Makes the folder. Images of one name, or in `folder` itself, are refused, so that every image has its own pictures
// and no original can be taken for one.
Status prepare_folder(const std::string &folder, const std::vector<std::string> &images);

class SavedPictures {
public:
    SavedPictures(std::string folder, std::vector<quality::SubjectName> subjects, bool self_ensemble)
        : folder_(std::move(folder)), subjects_(std::move(subjects)), self_ensemble_(self_ensemble) {}

    // Fails if a picture of `image` exists; the error names it.
    Status existing(const std::string &image) const;

    // Writes "<folder>/<image>_lr.png", "_bicubic.png", "_<network>_<channels>.png" and
    // "_<network>_<channels>_ensemble.png".
    Status save(const std::string &image, const quality::Pictures &pictures) const;

private:
    // In the order of all_pictures().
    std::vector<std::string> paths(const std::string &image) const;

    std::string folder_;
    std::vector<quality::SubjectName> subjects_;
    bool self_ensemble_;
};

}  // namespace slimscale::cli
