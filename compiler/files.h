// Files and folders of the compiler and its cache. Whole files are read and written by base/files.h.
#pragma once

#include <cstdint>
#include <string>

#include "base/status.h"

namespace slimscale::generators {

// Errors name the file.
Status copy_file(const std::string &from, const std::string &to);  // replaces `to` in one step
Status move_file(const std::string &from, const std::string &to);  // likewise, within a file system
Status remove_file(const std::string &path);                       // if there is one
Status make_folder(const std::string &path);
Status link_folder(const std::string &folder, const std::string &link);
std::string folder_of(const std::string &path);
std::string temporary_suffix();  // of what this process writes and then moves

bool file_exists(const std::string &path);
uint64_t file_size(const std::string &path);     // 0 if there is none
std::string file_hash(const std::string &path);  // base/hash.h's; "" if unreadable
std::string path_of_this_program();

}  // namespace slimscale::generators
