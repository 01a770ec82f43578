// Writes a model file with random weights, which claims to be trained at every width:
//     random_model <preset> <scale> <colors> <file>
#include <cstdio>
#include <cstdlib>

#include "tests/reference/random_file.h"

using namespace slimscale;

int main(int argc, char **argv) {
    if (argc != 5) {
        std::fprintf(stderr, "usage: random_model <preset> <scale> <colors> <file>\n");
        return 2;
    }
    const auto network = networks::preset(argv[1], std::atoi(argv[2]), std::atoi(argv[3]));
    if (!network) {
        std::fprintf(stderr, "random_model: no network is called %s\n", argv[1]);
        return 1;
    }
    return reference::save_random_model("random_model", *network, argv[4]);
}
