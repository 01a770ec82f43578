#include "compiler/files.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace slimscale::generators {
namespace fs = std::filesystem;

namespace {

std::string cannot_write(const std::string &path) {
    return path + " cannot be written: check the folder's permissions and free space";
}

}  // namespace

std::string read_file(const std::string &path, std::string &contents) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    contents = text.str();
    return file ? "" : path + " cannot be read";
}

std::string write_file(const std::string &path, const std::string &contents) {
    const std::string temporary = path + temporary_suffix();
    std::ofstream file(temporary, std::ios::binary);
    file.write(contents.data(), static_cast<std::streamsize>(contents.size()));
    file.close();
    if (file)
        return move_file(temporary, path);
    std::remove(temporary.c_str());
    return cannot_write(path);
}

std::string copy_file(const std::string &from, const std::string &to) {
    std::string contents;
    const std::string error = read_file(from, contents);
    return error.empty() ? write_file(to, contents) : error;
}

std::string move_file(const std::string &from, const std::string &to) {
    std::error_code error;
    fs::rename(from, to, error);
    if (!error)
        return "";
    std::remove(from.c_str());
    return cannot_write(to);
}

std::string temporary_suffix() {
    return "." + std::to_string(getpid());
}

std::string remove_file(const std::string &path) {
    std::error_code error;
    fs::remove(path, error);
    return error ? path + " cannot be removed: " + error.message() : "";
}

std::string make_folder(const std::string &path) {
    std::error_code error;
    fs::create_directories(path, error);
    return error ? path + " cannot be made: " + error.message() : "";
}

std::string link_folder(const std::string &folder, const std::string &link) {
    std::error_code error;
    fs::create_directory_symlink(folder, link, error);
    return error ? link + " cannot be made: " + error.message() : "";
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

std::string size_text(uint64_t bytes) {
    char text[32];
    if (bytes < 1000000)
        std::snprintf(text, sizeof text, "%.1f KB", static_cast<double>(bytes) / 1e3);
    else
        std::snprintf(text, sizeof text, "%.2f MB", static_cast<double>(bytes) / 1e6);
    return text;
}

std::string file_hash(const std::string &path) {
    std::string contents;
    return read_file(path, contents).empty() ? text_hash(contents) : "";
}

std::string text_hash(const std::string &text) {
    uint64_t hash = 14695981039346656037u;
    for (char byte : text)
        hash = (hash ^ static_cast<unsigned char>(byte)) * 1099511628211u;
    char digits[17];
    std::snprintf(digits, sizeof digits, "%016llx", static_cast<unsigned long long>(hash));
    return digits;
}

std::string path_of_this_program() {
    std::error_code error;
    return fs::read_symlink("/proc/self/exe", error).string();
}

WorkFolder::WorkFolder(const std::string &parent) {
    std::string name = parent + "/work-XXXXXX";
    if (mkdtemp(name.data()))
        path_ = name;
}

WorkFolder::~WorkFolder() {
    std::error_code error;
    if (!path_.empty())
        fs::remove_all(path_, error);
}

}  // namespace slimscale::generators
