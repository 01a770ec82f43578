// The target of an archive's pipelines as a value.
#pragma once

#include "contract/model.h"
#include "contract/target.h"

namespace slimscale::contract {

inline DataType type_of(const slimscale_compiled_target &target) {
    static_assert(static_cast<int>(DataType::f32) == SLIMSCALE_DATA_F32 &&
                      static_cast<int>(DataType::f16) == SLIMSCALE_DATA_F16 &&
                      static_cast<int>(DataType::q16) == SLIMSCALE_DATA_Q16 &&
                      static_cast<int>(DataType::bf16) == SLIMSCALE_DATA_BF16 &&
                      static_cast<int>(DataType::int8) == SLIMSCALE_DATA_INT8,
                  "the two enumerations are one");
    return static_cast<DataType>(target.data_type);
}

// The device and the data type of a compiled target, which is what a call depends on. The ISA stays `none`.
inline Target target_of(const slimscale_compiled_target &target) {
    return {static_cast<Device>(target.device), Isa::none, type_of(target)};
}

}  // namespace slimscale::contract
