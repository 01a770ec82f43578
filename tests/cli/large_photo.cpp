// For large_photo.sh:
//
//     large_photo make WIDTH HEIGHT FILE       writes a picture, row by row
//     large_photo peak PROGRAM ARGUMENT...     runs a program and prints the kilobytes that were resident at most
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "extras/images/rows.h"

using namespace slimscale::images;

namespace {

int make(int width, int height, const char *path) {
    Image image{width, height, 3, 8, {}, {}};
    auto rows = write_rows(path, image, {});
    if (!rows)
        return std::fprintf(stderr, "%s: %s\n", path, rows.error().c_str()), 1;
    std::vector<uint8_t> row(image.row_bytes());
    uint32_t noise = 1;
    for (int y = 0; y < height; y++) {
        const double slow = std::sin(0.003 * y);
        for (int x = 0; x < width; x++) {
            noise = noise * 1664525u + 1013904223u;
            const auto grain = static_cast<int>(noise >> 29);
            for (int c = 0; c < 3; c++)
                row[3 * static_cast<size_t>(x) + static_cast<size_t>(c)] =
                    static_cast<uint8_t>(120 + 90 * slow + ((x / (5 + c) + y / 7) % 9) + grain);
        }
        if (const auto written = (*rows)->write(row.data(), 1); !written)
            return std::fprintf(stderr, "%s: %s\n", path, written.error().c_str()), 1;
    }
    const auto finished = (*rows)->finish();
    return finished ? 0 : (std::fprintf(stderr, "%s: %s\n", path, finished.error().c_str()), 1);
}

int peak(char **command) {
    const pid_t child = fork();
    if (child == 0) {
        dup2(STDERR_FILENO, STDOUT_FILENO);  // standard output is for the figure
        execv(command[0], command);
        std::perror(command[0]);
        _exit(127);
    }
    int status = 0;
    rusage usage = {};
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0)
        return 1;
    std::printf("%ld\n", usage.ru_maxrss);
    return 0;
}

}  // namespace

int main(int argc, char **argv) {
    if (argc == 5 && std::strcmp(argv[1], "make") == 0)
        return make(std::atoi(argv[2]), std::atoi(argv[3]), argv[4]);
    if (argc >= 3 && std::strcmp(argv[1], "peak") == 0)
        return peak(argv + 2);
    return 2;
}
