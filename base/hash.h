// Tells contents apart: builds of the compiler, blockings, the weights of processes. XXH3 with 128 bits, so that no two
// of them share a value by chance; it is no protection against somebody who looks for two that do.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

namespace slimscale::base {

class Hash {
public:
    Hash();
    ~Hash();
    Hash(const Hash &) = delete;
    Hash &operator=(const Hash &) = delete;

    // Adding a text in pieces gives the same hash as adding it whole.
    void add(const void *bytes, size_t size);
    // 32 hexadecimal digits, of all that was added so far.
    std::string text() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

std::string hash_text(std::string_view contents);

}  // namespace slimscale::base
