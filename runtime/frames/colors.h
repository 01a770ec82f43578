// The coefficients that make the network's numbers of one image's codes, and another image's codes of the network's
// numbers: both are linear. The taps by which chroma is resampled are here too.
//
// A color network's numbers are (rgb - mean)*range, a luma network's (luma - mean)*range, where luma is Y as it is
// coded: code/(255*2^(n-8)) in limited range, code/(2^n - 1) in full range. The chroma of a luma network's output comes
// from the input image's codes.
#pragma once

#include "runtime/frames/image.h"
#include "runtime/frames/resampling.h"

namespace slimscale::runtime {

struct ColorTransform {
    int colors;     // of the network: 3 or 1
    float range;    // white inside the network
    float mean[3];  // in units of range
};

// How codes become numbers: number c is the sum of by_code[c][j]*code j, plus offset[c].
struct Loading {
    slimscale_image image;  // colors named
    const Format *format = nullptr;
    int numbers = 0;      // of the network
    int codes = 0;        // of the image that are read, from the first on
    bool direct = false;  // number c is code c*gain - shift[c]; of floats (code c - mean[c])*range
    float gain = 0, shift[3] = {};
    ColorTransform network{};
    float by_code[3][3] = {}, offset[3] = {};
    Resampling columns, rows;  // of chroma, to every pixel
};

// Output code j is the sum of by_number[j][c]*number c and by_code[j][d]*input code d, plus offset[j]: numbers at the
// output's resolution, codes at the input's, each brought to where code j lies.
struct Storing {
    slimscale_image image, input;
    const Format *format = nullptr, *input_format = nullptr;
    int numbers = 0;
    int codes = 0;        // of the output
    bool direct = false;  // code c is (number c + shift[c])*gain; of floats number c/range + mean[c]
    float gain = 0, shift[3] = {};
    ColorTransform network{};
    float by_number[3][3] = {}, by_code[3][3] = {}, offset[3] = {};
    // Of numbers to chroma; of the input's codes at luma's resolution, and at chroma's, to each of the output's.
    Resampling columns, rows;
    struct Way {
        Resampling columns, rows;
    } ways[2][2];  // [from chroma][to chroma]

    // Whether output code j, or input code d, lies among the format's chroma samples.
    static bool is_chroma(const Format &format, int component) { return component > 0 && format.subsampled(); }
    const Way &way(int d, int j) const { return ways[is_chroma(*input_format, d)][is_chroma(*format, j)]; }
    // Numbers are averaged to chroma samples: rows before and behind the one in work are read.
    bool averages_rows() const;
    bool has_chroma_of_numbers() const;
};

// Precondition: the images were checked (check_image).
Loading loading(const slimscale_image &input, const ColorTransform &network);
Storing storing(const slimscale_image &input, const slimscale_image &output, const ColorTransform &network, int scale);

// Subsampled chroma rows of the output that luma rows [begin, end) complete, once all before them are there.
struct RowRange {
    int begin, end;
};
RowRange complete_chroma_rows(const Storing &storing, int begin, int end);

}  // namespace slimscale::runtime
