#include "base/hash.h"

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace slimscale::base {

struct Hash::State {
    XXH3_state_t xxh;
};

Hash::Hash() : state_(new State) {
    XXH3_128bits_reset(&state_->xxh);
}

Hash::~Hash() = default;

void Hash::add(const void *bytes, size_t size) {
    XXH3_128bits_update(&state_->xxh, bytes, size);
}

std::string Hash::text() const {
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, XXH3_128bits_digest(&state_->xxh));
    std::string digits;
    for (const unsigned char byte : canonical.digest)
        for (const int digit : {byte >> 4, byte & 15})
            digits += "0123456789abcdef"[digit];
    return digits;
}

std::string hash_text(std::string_view contents) {
    Hash hash;
    hash.add(contents.data(), contents.size());
    return hash.text();
}

}  // namespace slimscale::base
