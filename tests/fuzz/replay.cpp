// Replaces libFuzzer under compilers that have none. It runs the target over every file of the given folders, and over
// changed and shortened copies of each, which are the same in every run.
//
// usage: fuzz_TARGET FOLDER...
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "tests/fuzz/fuzz.h"

namespace {

using Bytes = std::vector<uint8_t>;

constexpr int kCopies = 40;  // of each file

Bytes changed(Bytes bytes, std::mt19937 &random) {
    const auto below = [&](size_t count) { return static_cast<size_t>(random() % count); };
    for (size_t change = 0; change <= below(4) && !bytes.empty(); change++) {
        // What decides how a file is read is at its beginning in most formats.
        const size_t reach = below(2) ? bytes.size() : std::min<size_t>(bytes.size(), 256);
        switch (below(8)) {
        case 0:
            bytes.resize(below(bytes.size()) + 1);
            break;
        case 1:
            bytes.insert(bytes.begin() + static_cast<ptrdiff_t>(below(reach)), static_cast<uint8_t>(random()));
            break;
        case 2:
            bytes[below(reach)] = static_cast<uint8_t>(below(2) ? 0 : 255);
            break;
        case 3:
            bytes[below(reach)] ^= static_cast<uint8_t>(1u << below(8));
            break;
        default:
            bytes[below(reach)] = static_cast<uint8_t>(random());
        }
    }
    return bytes;
}

// Runs the target on a copy that ends before a closed page, so that a read behind its end is noticed.
void run(const Bytes &bytes) {
    const slimscale::fuzz::Guarded copy(bytes.data(), bytes.size());
    LLVMFuzzerTestOneInput(copy.data(), bytes.size());
}

}  // namespace

int main(int count, char **arguments) {
    std::vector<std::filesystem::path> files;
    for (int i = 1; i < count; i++) {
        if (!std::filesystem::is_directory(arguments[i])) {
            std::fprintf(stderr, "%s: there is no folder %s\n", arguments[0], arguments[i]);
            return 1;
        }
        for (const auto &entry : std::filesystem::recursive_directory_iterator(arguments[i]))
            if (entry.is_regular_file())
                files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    if (files.empty()) {
        std::fprintf(stderr, "%s: there are no files to run\n", arguments[0]);
        return 1;
    }
    size_t inputs = 0;
    for (const auto &path : files) {
        std::ifstream file(path, std::ios::binary);
        const Bytes bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
        std::mt19937 random(static_cast<uint32_t>(bytes.size()));
        run(bytes);
        for (int i = 0; i < kCopies; i++)
            run(changed(bytes, random));
        inputs += 1 + kCopies;
    }
    std::printf("%zu files, %zu inputs\n", files.size(), inputs);
    return 0;
}
