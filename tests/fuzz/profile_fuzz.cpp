// A profile as text and as a caller's struct. A profile that is accepted must be the same when it is written and read
// again.
#include <string>

#include "slimscale/slimscale.h"
#include "tests/fuzz/fuzz.h"

using slimscale::fuzz::Guarded;

namespace {

std::string text_of(const slimscale_profile &profile) {
    const size_t size = slimscale_profile_to_text(&profile, nullptr, 0);
    if (size == 0)
        return "";
    const Guarded text(size);
    FUZZ_EXPECT(slimscale_profile_to_text(&profile, reinterpret_cast<char *>(text.data()), size) == size);
    FUZZ_EXPECT(text.data()[size - 1] == 0);
    return std::string(reinterpret_cast<char *>(text.data()), size - 1);
}

void read_text(const char *text, size_t size) {
    slimscale_profile profile{}, again{};
    char error[64];
    const slimscale_status status = slimscale_profile_from_text(text, size, &profile, error, sizeof error);
    FUZZ_EXPECT((status == SLIMSCALE_OK) == (error[0] == 0));
    if (status != SLIMSCALE_OK)
        return;
    const std::string written = text_of(profile);
    FUZZ_EXPECT(!written.empty());
    FUZZ_EXPECT(slimscale_profile_from_text(written.data(), written.size(), &again, nullptr, 0) == SLIMSCALE_OK);
    FUZZ_EXPECT(text_of(again) == written);
}

void read_struct(const uint8_t *data, size_t size) {
    slimscale_profile profile{};
    std::memcpy(&profile, data, size < sizeof profile ? size : sizeof profile);
    const std::string text = text_of(profile);
    if (!text.empty())
        read_text(text.data(), text.size());
    const int channels[] = {8, 16, 64};
    int chosen = 0, meets = 0;
    double predicted = 0;
    if (slimscale_choose(&profile, "avx2", 2, channels, 3, 640, 360, 20, &chosen, &predicted, &meets) == SLIMSCALE_OK)
        FUZZ_EXPECT(chosen == 8 || chosen == 16 || chosen == 64);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    read_text(reinterpret_cast<const char *>(data), size);
    read_struct(data, size);
    return 0;
}
