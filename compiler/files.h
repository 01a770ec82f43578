// Files and folders of the compiler and its cache. Contents of files are read and written by base/files.h.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace slimscale::generators {

// Errors name the file.
Status copy_file(const std::string &from, const std::string &to);  // replaces `to` in one step
Status move_file(const std::string &from,
                 const std::string &to);      // likewise, within a file system; else removes `from`
Status remove_file(const std::string &path);  // a missing file is no error
Status make_folder(const std::string &path);
Status link_folder(const std::string &folder, const std::string &link);
std::string folder_of(const std::string &path);
std::string temporary_suffix();  // for names of files that this process writes and then moves

bool file_exists(const std::string &path);
uint64_t file_size(const std::string &path);     // in bytes; 0 if there is no file
std::string file_hash(const std::string &path);  // of base/hash.h; "" if the file cannot be read
std::string path_of_this_program();

}  // namespace slimscale::generators
