#include "trainer/distributed/place.h"

#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/numbers.h"
#include "weights/base_names.h"

namespace slimscale::trainer {
namespace {

constexpr int kMaxPort = 65535, kMany = std::numeric_limits<int>::max();

bool is_set(const char *name) {
    const char *text = std::getenv(name);
    return text != nullptr && *text != '\0';
}

// "" or what is wrong with the variable.
std::string read(const char *name, int from, int to, int *value) {
    if (!is_set(name))
        return std::string(name) + " is not set; launchers set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, "
                                   "or none of them for a single process";
    const char *text = std::getenv(name);
    if (base::parse(text, value) && *value >= from && *value <= to)
        return "";
    const std::string range = std::to_string(from) + (to == kMany ? " or more" : " to " + std::to_string(to));
    return std::string(name) + " is " + weights::in_quotes(text) + "; it must be " + range;
}

}  // namespace

weights::Result<Place> place_from_environment() {
    Place place;
    if (!is_set("RANK") && !is_set("WORLD_SIZE"))
        return place;
    std::string error = read("WORLD_SIZE", 1, kMany, &place.size);
    if (error.empty())
        error = read("RANK", 0, place.size - 1, &place.rank);
    if (error.empty() && is_set("LOCAL_RANK"))
        error = read("LOCAL_RANK", 0, kMany, &place.local_rank);
    if (!error.empty())
        return weights::Error{error};
    if (place.size == 1)
        return place;
    error = read("MASTER_PORT", 1, kMaxPort, &place.port);
    if (error.empty() && !is_set("MASTER_ADDR"))
        error = "MASTER_ADDR is not set: the address of the machine with process 0, 127.0.0.1 if it is this one";
    const char *kept = std::getenv("TORCHELASTIC_USE_AGENT_STORE");
    place.store_is_kept = kept != nullptr && std::string(kept) == "True";
    if (error.empty() && is_set("TORCHELASTIC_RESTART_COUNT"))
        error = read("TORCHELASTIC_RESTART_COUNT", 0, kMany, &place.attempt);
    if (!error.empty())
        return weights::Error{error};
    place.master = std::getenv("MASTER_ADDR");
    return place;
}

}  // namespace slimscale::trainer
