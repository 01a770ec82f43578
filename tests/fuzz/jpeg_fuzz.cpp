// Decodes a JPEG.
#include "tests/fuzz/images_fuzz.h"

using namespace slimscale::images;

namespace {

// Looks at every place that may be a frame's header. Large pictures are slow and show nothing new.
bool may_be_large(const uint8_t *data, size_t size) {
    for (size_t i = 0; i + 9 <= size; i++)
        if (data[i] == 0xff && data[i + 1] >= 0xc0 && data[i + 1] <= 0xcf) {
            const uint64_t height = data[i + 5] * 256u + data[i + 6], width = data[i + 7] * 256u + data[i + 8];
            if (height * width > slimscale::fuzz::kMostPixels)
                return true;
        }
    return false;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (!may_be_large(data, size))
        slimscale::fuzz::decode({data, data + size}, FileFormat::jpeg, decode_jpeg);
    return 0;
}
