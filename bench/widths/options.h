// The command line of bench_widths.
#pragma once

#include <string>
#include <vector>

#include "base/status.h"

namespace slimscale::bench {

struct Size {  // of the network's input, in pixels
    int width = 0, height = 0;
};

std::string text_of(const Size &size);  // "426x240"

// "240p,360p,640x480": heights of 16:9 pictures as players name them, or width and height. After an error `sizes` is
// unchanged.
Status parse_sizes(const std::string &text, std::vector<Size> &sizes);

// "avx2,cuda" -> {"avx2", "cuda"}; empty names are left out.
std::vector<std::string> parse_names(const std::string &text);

struct Options {
    std::vector<std::string> models;   // names or weights files; empty: every compiled color network
    std::vector<std::string> targets;  // empty: all that this machine runs except naive
    std::vector<Size> sizes{{426, 240}};
    std::string format;   // of the frames in and out, by slimscale_parse_format; "": rgb8, of luma networks gray8
    int threads = 0;      // 0: as many as this process may use
    bool pin = false;     // keep to the first `threads` processors that this process may use
    double seconds = 10;  // for frames, per model and size
    int rounds = 5;       // the least number, however long they take
    bool resident = false;
    std::string images;               // folder of originals, for PSNR
    std::string json, html;           // files to write; "": none
    std::string compare, peers;       // files to read; "": none
    int resident_child_channels = 0;  // not 0: this process measures one row's resident memory (resident.h)
};

enum class Parsed {
    run,
    done,  // --help was printed
    wrong
};
Parsed parse_options(int argc, char **argv, Options &options);  // prints what is wrong

}  // namespace slimscale::bench
