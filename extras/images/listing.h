// The images of folders.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::images {

struct Listing {
    bool recursive = false;
    std::string left_out;  // a folder that is not entered; "": none
};

// Appends a folder's .png, .jpg and .jpeg files in the order of their names, without hidden ones. A folder that holds
// none or cannot be listed is an error that names it.
Status list_folder(const std::string &folder, const Listing &listing, std::vector<std::string> &images);

// Files as they are, folders as above, without the folders in them.
Status list_images(const std::vector<std::string> &paths, std::vector<std::string> &images);

}  // namespace slimscale::images
