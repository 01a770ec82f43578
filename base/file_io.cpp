#include "base/file_io.h"

#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

namespace slimscale::base {
namespace {

struct CloseFile {
    void operator()(std::FILE *file) const { std::fclose(file); }
};
using File = std::unique_ptr<std::FILE, CloseFile>;

std::string reason() {
    return std::strerror(errno);
}

bool write_all(const std::string &path, const std::vector<uint8_t> &bytes) {
    File file(std::fopen(path.c_str(), "wb"));
    if (!file)
        return false;
    const bool written = bytes.empty() || std::fwrite(bytes.data(), 1, bytes.size(), file.get()) == bytes.size();
    return std::fclose(file.release()) == 0 && written;
}

}  // namespace

Result<std::vector<uint8_t>> read_file(const std::string &path) {
    std::error_code code;
    if (std::filesystem::is_directory(path, code))
        return Error{path + " is a folder; name a file"};
    const uint64_t size = std::filesystem::file_size(path, code);
    if (code)
        return Error{"cannot read " + path + ": " + code.message()};
    if (size > kMaxFileBytes)
        return Error{path + " is larger than 4 GiB, which no supported network needs"};
    File file(std::fopen(path.c_str(), "rb"));
    if (!file)
        return Error{"cannot read " + path + ": " + reason()};
    std::vector<uint8_t> bytes(size);
    if (size != 0 && std::fread(bytes.data(), 1, bytes.size(), file.get()) != bytes.size())
        return Error{"cannot read all of " + path + "; try again when nothing writes to it"};
    return bytes;
}

std::string write_file(const std::string &path, const std::vector<uint8_t> &bytes) {
    const std::string temporary = path + ".tmp-" + std::to_string(getpid());
    if (!write_all(temporary, bytes)) {
        const std::string error = "cannot write " + temporary + ": " + reason();
        std::remove(temporary.c_str());
        return error;
    }
    if (std::rename(temporary.c_str(), path.c_str()) != 0) {
        const std::string error = "cannot write " + path + ": " + reason();
        std::remove(temporary.c_str());
        return error;
    }
    return "";
}

std::string in_quotes(const std::string &text) {
    constexpr size_t kMaxShown = 100;
    std::string shown = text.substr(0, kMaxShown);
    for (char &c : shown)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            c = '?';
    return "\"" + shown + (text.size() > kMaxShown ? "...\"" : "\"");
}

}  // namespace slimscale::base
