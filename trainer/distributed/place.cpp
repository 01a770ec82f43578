#include "trainer/distributed/place.h"

#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/numbers.h"
#include "base/status.h"
#include "base/text.h"

namespace slimscale::trainer {
namespace {

constexpr int kMaxPort = 65535, kMany = std::numeric_limits<int>::max();

bool is_set(const char *name) {
    const char *text = std::getenv(name);
    return text != nullptr && *text != '\0';
}

// Reads an environment variable. The error says what is wrong with it.
Status read(const char *name, int from, int to, int *value) {
    if (!is_set(name))
        return Error{std::string(name) + " is not set; launchers set RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT, "
                                         "or none of them for a single process"};
    const char *text = std::getenv(name);
    if (base::parse(text, value) && *value >= from && *value <= to)
        return Status();
    const std::string range = std::to_string(from) + (to == kMany ? " or more" : " to " + std::to_string(to));
    return Error{std::string(name) + " is " + base::in_quotes(text) + "; it must be " + range};
}

}  // namespace

Result<Place> place_from_environment() {
    Place place;
    if (!is_set("RANK") && !is_set("WORLD_SIZE"))
        return place;
    SLIMSCALE_RETURN_IF_ERROR(read("WORLD_SIZE", 1, kMany, &place.size));
    SLIMSCALE_RETURN_IF_ERROR(read("RANK", 0, place.size - 1, &place.rank));
    if (is_set("LOCAL_RANK"))
        SLIMSCALE_RETURN_IF_ERROR(read("LOCAL_RANK", 0, kMany, &place.local_rank));
    if (place.size == 1)
        return place;
    SLIMSCALE_RETURN_IF_ERROR(read("MASTER_PORT", 1, kMaxPort, &place.port));
    if (!is_set("MASTER_ADDR"))
        return Error{"MASTER_ADDR is not set: the address of the machine with process 0, 127.0.0.1 if it is this one"};
    const char *kept = std::getenv("TORCHELASTIC_USE_AGENT_STORE");
    place.store_is_kept = kept != nullptr && std::string(kept) == "True";
    if (is_set("TORCHELASTIC_RESTART_COUNT"))
        SLIMSCALE_RETURN_IF_ERROR(read("TORCHELASTIC_RESTART_COUNT", 0, kMany, &place.attempt));
    place.master = std::getenv("MASTER_ADDR");
    return place;
}

}  // namespace slimscale::trainer
