// A page in Chromium, driven as a reader drives it: by keys and pointer (the DevTools protocol over two pipes).
#pragma once

#include <string>
#include <vector>

#include <nlohmann/json.hpp>
#include <sys/types.h>

namespace slimscale::reports {

class Browser {
public:
    static bool is_here();  // whether there is a Chromium

    // Opens the file in a window of so many CSS pixels. `profile`: a folder that does not exist. What fails, here and
    // below, throws std::runtime_error.
    Browser(const std::string &profile, const std::string &page, int width_px, int height_px);
    ~Browser();
    Browser(const Browser &) = delete;
    Browser &operator=(const Browser &) = delete;

    nlohmann::json value(const std::string &expression);  // of JavaScript, as JSON
    void press(const std::string &key, int key_code);     // "ArrowLeft", 37
    void drag(double from_x, double from_y, double to_x, double to_y);
    void touch(double from_x, double from_y, double to_x, double to_y);
    void prefer_dark();
    std::string picture();  // of the window, a PNG in base64

    // Errors, and what the page's policy refused.
    const std::vector<std::string> &complaints() const { return complaints_; }

private:
    nlohmann::json call(const std::string &method, const nlohmann::json &parameters);
    nlohmann::json read_message();
    void mouse(const char *type, double x, double y, int buttons);

    pid_t child_ = -1;
    int to_ = -1, from_ = -1, calls_ = 0;
    std::string session_, unread_;
    std::vector<std::string> complaints_;
};

}  // namespace slimscale::reports
