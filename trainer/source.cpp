#include "trainer/source.h"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <filesystem>

#include "base/text.h"

namespace slimscale::trainer {

void declare_source(CLI::App &app, std::vector<std::string> *data, std::vector<std::string> *exclude) {
    app.add_option("--data", *data, "folders or files of training images (PNG, JPEG)")->required()->delimiter(',');
    app.add_option("--exclude", *exclude, "images to leave out, by file name without its ending")->delimiter(',');
}

Result<Pictures> load_source(PictureOptions options) {
    options.memory_gb = 64;  // nothing trains beside it
    Result<Pictures> pictures = load_pictures(options);
    if (!pictures)
        return Error{"--data: " + pictures.error()};
    for (const std::string &sentence : pictures->unusable)
        std::fprintf(stderr, "left out: %s\n", base::one_line(sentence).c_str());
    return pictures;
}

Status make_folder(const std::string &path) {
    std::error_code code;
    std::filesystem::create_directories(path, code);
    return code ? Error{path + ": the folder cannot be made: " + code.message()} : Status();
}

}  // namespace slimscale::trainer
