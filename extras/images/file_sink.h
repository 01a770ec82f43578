// A file as the sink of a codec.
#pragma once

#include <string>
#include <utility>

#include "base/files.h"
#include "extras/images/codecs.h"

namespace slimscale::images {

// Errors of base/files.h begin with the file's name; those of images leave it to the caller.
inline Error without_name(const std::string &sentence, const std::string &path) {
    return Error{sentence.substr(path.size() + 2)};
}

// The file appears with finish().
class FileSink : public Sink {
public:
    static Result<FileSink> open(const std::string &path) {
        Result<base::FileWriter> file = base::FileWriter::open(path);
        return file ? Result<FileSink>(FileSink(path, *std::move(file))) : without_name(file.error(), path);
    }

    bool write(const void *data, size_t size) noexcept override {
        status_ = file_.write(data, size);
        return status_.ok();
    }
    // What the codec says, unless a fault of the file is behind it.
    Status checked(const Status &codec) const { return status_ ? codec : Status(without_name(status_.error(), path_)); }
    Status finish() {
        const Status written = file_.commit();
        return written ? Status() : without_name(written.error(), path_);
    }

private:
    FileSink(const std::string &path, base::FileWriter file) : path_(path), file_(std::move(file)) {}

    std::string path_;
    base::FileWriter file_;
    Status status_;
};

}  // namespace slimscale::images
