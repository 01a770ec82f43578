#include "compiler/files.h"

#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include "base/files.h"
#include "base/hash.h"

namespace slimscale::generators {
namespace fs = std::filesystem;

Status copy_file(const std::string &from, const std::string &to) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string contents, base::read_text(from));
    return base::write_file(to, contents);
}

Status move_file(const std::string &from, const std::string &to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (!error)
        return Status();
    std::remove(from.c_str());
    return Error{to + ": cannot write it: " + error.message()};
}

std::string temporary_suffix() {
    return "." + std::to_string(getpid());
}

Status remove_file(const std::string &path) {
    std::error_code error;
    fs::remove(path, error);
    return error ? Error{path + " cannot be removed: " + error.message()} : Status();
}

Status make_folder(const std::string &path) {
    std::error_code error;
    fs::create_directories(path, error);
    return error ? Error{path + " cannot be made: " + error.message()} : Status();
}

Status link_folder(const std::string &folder, const std::string &link) {
    std::error_code error;
    fs::create_directory_symlink(folder, link, error);
    return error ? Error{link + " cannot be made: " + error.message()} : Status();
}

std::string folder_of(const std::string &path) {
    return fs::path(path).parent_path().string();
}

bool file_exists(const std::string &path) {
    std::error_code error;
    return fs::exists(path, error);
}

uint64_t file_size(const std::string &path) {
    std::error_code error;
    const uint64_t size = fs::file_size(path, error);
    return error ? 0 : size;
}

std::string file_hash(const std::string &path) {
    const Result<std::string> contents = base::read_text(path);
    return contents ? base::hash_text(*contents) : "";
}

std::string path_of_this_program() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).string();
}

}  // namespace slimscale::generators
