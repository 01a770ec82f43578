// Checks what every reader of tensors promises.
#pragma once

#include "tests/fuzz/fuzz.h"
#include "weights/safetensors.h"

// A refusal has a sentence, and a tensor has as many numbers as its shape says.
inline void expect_sound_tensors(const slimscale::Result<slimscale::weights::Safetensors> &file) {
    FUZZ_EXPECT(file.ok() || !file.error().empty());
    if (!file)
        return;
    for (const auto &[name, tensor] : file->tensors) {
        uint64_t count = 1;
        for (const uint64_t extent : tensor.shape)
            count *= extent;
        FUZZ_EXPECT(tensor.data.size() == count);
    }
}
