// A plan's steps as the contract has them: their operations, and the keys of the pipelines that they call.
#pragma once

#include "contract/compiled_target.h"
#include "contract/operation.h"

namespace slimscale::runtime {

inline contract::Operation operation_of(const slimscale_step &step) {
    return static_cast<contract::Operation>(step.kind);
}

inline const contract::OperationFacts &facts_of(const slimscale_step &step) {
    return contract::facts_of(operation_of(step));
}

inline contract::PipelineKey key_of(const slimscale_compiled_target &target, const slimscale_step &step) {
    contract::PipelineKey key{contract::pipeline(facts_of(step).block, step.cin, step.cout),
                              contract::target_of(target)};
    if (contract::has_field(key.pipeline.block, "segments"))
        key.pipeline.segments = step.input_count;
    key.pipeline.add = step.add >= 0;
    if (step.prelu)
        key.pipeline.activation = contract::Activation::prelu;
    key.pipeline.skip = step.input_skip ? step.input_scale : 0;
    return key;
}

// Whether the pipeline has such an argument.
inline bool takes(const contract::PipelineKey &key, contract::Arg arg) {
    bool found = false;
    for_each_argument(key, [&](const contract::Argument &argument, int) { found = found || argument.arg == arg; });
    return found;
}

}  // namespace slimscale::runtime
