#include "runtime/frames/row_window.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "runtime/platform/memory.h"

namespace slimscale::runtime {

size_t RowWindow::lay_out(const slimscale_image &frame, int colors, int rows) {
    const Format &format = format_of(frame.format);
    frame_ = frame;
    planes_ = plane_count(format, colors);
    sub_y_ = format.sub_y;
    capacity_ = round_up(rows, sub_y_);
    size_t bytes = 0;
    for (int p = 0; p < planes_; p++) {
        const PlaneSize size = plane_size(format, frame.width, sub_y_, p);
        sub_[p] = sub_y_ / size.rows;
        row_bytes_[p] = static_cast<size_t>(size.row_bytes);
        offsets_[p] = bytes;
        bytes += round_up(row_bytes_[p] * static_cast<size_t>(plane_rows(p, capacity_)), kAlignment);
    }
    return bytes;
}

void RowWindow::use(unsigned char *memory) {
    memory_ = memory;
    begin_ = end_ = 0;
}

int RowWindow::room() const {
    return std::min(begin_ + capacity_, frame_.height) - end_;
}

unsigned char *RowWindow::held(int plane, int row) const {
    return memory_ + offsets_[plane] + static_cast<size_t>(row - begin_ / sub_[plane]) * row_bytes_[plane];
}

slimscale_image RowWindow::view() const {
    slimscale_image view = frame_;
    for (int p = 0; p < planes_; p++) {
        // The address that the frame's first row would have, which is outside of the memory once rows were dropped.
        const auto first = reinterpret_cast<uintptr_t>(memory_ + offsets_[p]) -
                           static_cast<uintptr_t>(begin_ / sub_[p]) * row_bytes_[p];
        view.planes[p] = reinterpret_cast<void *>(first);
        view.strides[p] = static_cast<ptrdiff_t>(row_bytes_[p]);
    }
    return view;
}

void RowWindow::append(const slimscale_image &rows, int first, int count) {
    for (int p = 0; p < planes_; p++)
        for (int y = 0; y < plane_rows(p, count); y++)
            std::memcpy(held(p, end_ / sub_[p] + y), row_of(rows, p, first / sub_[p] + y), row_bytes_[p]);
    end_ += count;
}

void RowWindow::copy(int first, int count, const slimscale_image &to, int at) const {
    for (int p = 0; p < planes_; p++)
        for (int y = 0; y < plane_rows(p, count); y++)
            std::memcpy(row_of(to, p, at / sub_[p] + y), held(p, first / sub_[p] + y), row_bytes_[p]);
}

void RowWindow::drop(int before) {
    const int begin = std::max(begin_, std::min(before, end_) / sub_y_ * sub_y_);
    for (int p = 0; p < planes_ && begin > begin_; p++) {
        const int from = begin / sub_[p], rows = plane_rows(p, end_) - from;
        if (rows > 0)
            std::memmove(memory_ + offsets_[p], held(p, from), static_cast<size_t>(rows) * row_bytes_[p]);
    }
    begin_ = begin;
}

}  // namespace slimscale::runtime
