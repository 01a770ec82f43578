#include "runtime/cpu/pixels.h"

#include <atomic>

#include "runtime/cpu/pixel_rows.h"
#include "runtime/platform/cpu.h"

namespace slimscale::runtime::cpu {

namespace {

// Chosen once, since CPUID takes long on virtual machines; all threads would choose the same.
std::atomic<const PixelRows *> chosen{nullptr};

const PixelRows &best() {
    const PixelRows *rows = chosen.load(std::memory_order_relaxed);
    if (!rows) {
        rows = avx2_pixel_rows() && detect_cpu().avx2 ? avx2_pixel_rows() : &baseline_pixel_rows();
        chosen.store(rows, std::memory_order_relaxed);
    }
    return *rows;
}

}  // namespace

void load_row(const Loading &loading, int y, float *row) {
    best().load(loading, y, row);
}

void store_row(const Storing &storing, int y, const NumberRows &numbers) {
    best().store(storing, y, numbers);
}

void store_chroma_row(const Storing &storing, int y, const NumberRows &numbers) {
    best().store_chroma(storing, y, numbers);
}

void store_alpha_row(const Storing &storing, int y) {
    best().store_alpha(storing, y);
}

}  // namespace slimscale::runtime::cpu
