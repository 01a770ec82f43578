// A window of consecutive rows of a frame whose rows come and go one after the other.
#pragma once

#include "runtime/frames/image.h"

namespace slimscale::runtime {

// Rows are luma's; those of subsampled chroma go with them. Added and dropped rows end at whole chroma rows, or at the
// frame's end.
class RowWindow {
public:
    // For a checked frame of a network of so many colors; holds up to `rows` of its rows. Returns the bytes that use()
    // takes, aligned to kAlignment.
    size_t lay_out(const slimscale_image &frame, int colors, int rows);
    void use(unsigned char *memory);  // empty, at the frame's first row

    int begin() const { return begin_; }
    int end() const { return end_; }
    int room() const;  // rows that may be added behind end()

    // The whole frame as an image. Only its rows from begin() to end() may be read, and room() rows after them written.
    slimscale_image view() const;
    void extend(int end) { end_ = end; }  // what was written there belongs to the window

    void append(const slimscale_image &rows, int first, int count);            // rows [first, first + count) of `rows`
    void copy(int first, int count, const slimscale_image &to, int at) const;  // to its rows from `at` on
    void drop(int before);                                                     // the frame's rows before that one

private:
    static constexpr int kMostPlanes = 4;
    int plane_rows(int plane, int rows) const { return (rows + sub_[plane] - 1) / sub_[plane]; }
    unsigned char *held(int plane, int row) const;  // of the plane's rows

    slimscale_image frame_ = SLIMSCALE_IMAGE_INIT;
    int planes_ = 0, sub_y_ = 1, capacity_ = 0, begin_ = 0, end_ = 0;
    int sub_[kMostPlanes] = {};  // luma rows for a row of the plane
    size_t row_bytes_[kMostPlanes] = {}, offsets_[kMostPlanes] = {};
    unsigned char *memory_ = nullptr;
};

}  // namespace slimscale::runtime
