// The images of folders.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::images {

struct Listing {
    bool recursive = false;
    std::string left_out;  // a folder that the listing does not go into; "": none
    bool may_be_empty = false;
};

// Appends a folder's images in the order of their names, without hidden ones: files whose name or whose first bytes are
// those of a format that is read. A link to nothing is judged by its name, and fails when it is read. `others`, if it
// is not null, is raised by the number of other files that are not hidden; with `recursive`, also by that of links to
// folders. A folder that cannot be listed is an error that names it, and so is one without images unless it may be
// empty.
Status list_folder(const std::string &folder, const Listing &listing, std::vector<std::string> &images,
                   size_t *others = nullptr);

// Files are taken as they are, folders as above, without the folders in them.
Status list_images(const std::vector<std::string> &paths, std::vector<std::string> &images);

}  // namespace slimscale::images
