// Whole files, written under a temporary name first so that none is ever half there.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace slimscale::generators {

// Each returns "" or a sentence that names the file.
std::string read_file(const std::string &path, std::string &contents);
std::string write_file(const std::string &path, const std::string &contents);
std::string copy_file(const std::string &from, const std::string &to);  // replaces `to` in one step
std::string move_file(const std::string &from, const std::string &to);  // likewise, within a file system
std::string remove_file(const std::string &path);                       // if there is one
std::string make_folder(const std::string &path);
std::string link_folder(const std::string &folder, const std::string &link);
std::string folder_of(const std::string &path);
std::string temporary_suffix();  // of what this process writes and then moves

bool file_exists(const std::string &path);
uint64_t file_size(const std::string &path);     // 0 if there is none
std::string size_text(uint64_t bytes);           // "23.1 KB"
std::string file_hash(const std::string &path);  // 16 hexadecimal digits, to tell builds apart; "" if unreadable
std::string text_hash(const std::string &text);  // likewise
std::string path_of_this_program();

// A folder of our own that is removed at the end.
class WorkFolder {
public:
    explicit WorkFolder(const std::string &parent);
    ~WorkFolder();
    WorkFolder(const WorkFolder &) = delete;
    WorkFolder &operator=(const WorkFolder &) = delete;
    const std::string &path() const { return path_; }  // "" if it could not be made

private:
    std::string path_;
};

}  // namespace slimscale::generators
