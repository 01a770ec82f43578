// A profile as lines of text, by slimscale_profile_to_text and slimscale_profile_from_text.
//
//     slimscale profile 2
//     model carn_m_x2
//     machine AMD EPYC
//     cost avx512 16 2 118000 4312        target, channels, threads, nanoseconds, picoseconds per pixel
//     end
#pragma once

#include "runtime/platform/error.h"

namespace slimscale::runtime {

// Returns the bytes of the text with its zero, and writes as many as there is room for; 0: the profile is damaged.
size_t profile_to_text(const slimscale_profile &profile, char *text, size_t text_size);

// Reads at most text_size bytes, up to a zero. On failure `profile` is not changed.
slimscale_status profile_from_text(const char *text, size_t text_size, slimscale_profile &profile, Error &error);

}  // namespace slimscale::runtime
