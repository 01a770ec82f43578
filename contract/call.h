// One call of a pipeline: Call has a named slot for every argument of any pipeline, and pack() puts those of the called
// pipeline into the contract's order. A slot that is left empty, or filled although the pipeline has no such argument,
// is an error and does not shift the arguments behind it. Nothing is allocated.
#pragma once

#include <type_traits>

#include "contract/arguments.h"

struct halide_buffer_t;

namespace slimscale::contract {

template <typename T>
class Slot {
public:
    Slot &operator=(const T &value) {
        value_ = value;
        filled_ = true;
        return *this;
    }
    Slot &operator=(const Slot &) = default;
    bool filled() const { return filled_; }
    const T &value() const { return value_; }

private:
    T value_{};
    bool filled_ = false;
};

namespace slots {
using buffer = halide_buffer_t *;
using integer = int32_t;
using number = float;
}  // namespace slots

struct Call {
#define SLIMSCALE_ONE(name, kind) Slot<slots::kind> name;
#define SLIMSCALE_EACH(name, kind) Slot<slots::kind> name[kMostSegments];
    SLIMSCALE_CALL_SLOTS(SLIMSCALE_ONE, SLIMSCALE_EACH)
#undef SLIMSCALE_ONE
#undef SLIMSCALE_EACH
};

// Puts `value` into the slot of `arg`; does nothing if the slot holds another kind. `segment` (0 to kMostSegments - 1)
// counts for arguments that occur once per segment.
template <typename T>
void fill(Call &call, Arg arg, int segment, T value) {
    const auto put = [&](auto &slot) {
        if constexpr (std::is_same_v<decltype(slot), Slot<T> &>)
            slot = value;
    };
    switch (arg) {
#define SLIMSCALE_ONE(name, kind) \
    case Arg::name:               \
        put(call.name);           \
        break;
#define SLIMSCALE_EACH(name, kind) \
    case Arg::name:                \
        put(call.name[segment]);   \
        break;
        SLIMSCALE_CALL_SLOTS(SLIMSCALE_ONE, SLIMSCALE_EACH)
#undef SLIMSCALE_ONE
#undef SLIMSCALE_EACH
    }
}

namespace detail {

inline const void *address_of(const Slot<slots::buffer> &slot) {
    return slot.filled() ? slot.value() : nullptr;
}
template <typename T>
const void *address_of(const Slot<T> &slot) {
    return slot.filled() ? &slot.value() : nullptr;
}

// Null where the slot is empty.
inline const void *address_of(const Call &call, Arg arg, int segment) {
    switch (arg) {
#define SLIMSCALE_ONE(name, kind) \
    case Arg::name:               \
        return address_of(call.name);
#define SLIMSCALE_EACH(name, kind) \
    case Arg::name:                \
        return address_of(call.name[segment]);
        SLIMSCALE_CALL_SLOTS(SLIMSCALE_ONE, SLIMSCALE_EACH)
#undef SLIMSCALE_ONE
#undef SLIMSCALE_EACH
    }
    return nullptr;
}

template <typename T>
int filled(const Slot<T> (&slots)[kMostSegments]) {
    return slots[0].filled() + slots[1].filled() + slots[2].filled() + slots[3].filled();
}

inline int filled_slots(const Call &call) {
    int count = 0;
#define SLIMSCALE_ONE(name, kind) count += call.name.filled();
#define SLIMSCALE_EACH(name, kind) count += filled(call.name);
    SLIMSCALE_CALL_SLOTS(SLIMSCALE_ONE, SLIMSCALE_EACH)
#undef SLIMSCALE_ONE
#undef SLIMSCALE_EACH
    return count;
}

}  // namespace detail

// Fills `pointers` (room for kMostArguments) for the argv entry of the pipeline's function: `context` first, then the
// addresses of the call's values, so `call` must outlive the run of the function. Returns null, or a text of static
// lifetime that says what is wrong: the name of a missing argument, or "an argument of another pipeline".
inline const char *pack(const PipelineKey &key, const Call &call, void *context, void **pointers) {
    const char *wrong = nullptr;
    int count = 0;
    pointers[count++] = context;
    for_each_argument(key, [&](const Argument &argument, int segment) {
        const void *value = detail::address_of(call, argument.arg, segment);
        if (!value && !wrong)
            wrong = argument.name;
        pointers[count++] = const_cast<void *>(value);
    });
    if (!wrong && detail::filled_slots(call) != count - 1)
        wrong = "an argument of another pipeline";
    return wrong;
}

}  // namespace slimscale::contract
