// Opens the model of a command's options, with its profile if a speed is asked for.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"
#include "cli/commands.h"
#include "host/upscaler.h"

namespace slimscale::cli {

// The widths to open if none is named. one: the widest usable; all: every usable; all_of_file: the same, and an error
// if the weights file is trained at widths that are not compiled.
enum class Widths { one, all, all_of_file };

// Opened for the commands' lifetime. Not movable: the upscaler points into the model.
struct Session {
    host::Model model;
    host::Upscaler upscaler;
    slimscale_profile profile{};
    bool profiled = false;

    Session() = default;
    Session(const Session &) = delete;
    Session &operator=(const Session &) = delete;

    Status open(const NetworkOptions &options, Widths widths);

    // Takes the profile from the user's cache folder, or measures it now, with a message, and puts it there. With one
    // opened width there is nothing to choose: a message says so, and `profiled` stays false.
    Status need_profile();
    Status measure_profile(double budget_ms);

    // For one image or frame: the profile chooses the width within the budget, if there is one.
    slimscale_request request(double budget_ms) const;
};

// "64 channels": 80.2 ms predicted for every opened width, widest first.
struct Prediction {
    int channels;
    double ms;
};
std::vector<Prediction> predictions(const Session &session, int width_px, int height_px);

}  // namespace slimscale::cli
