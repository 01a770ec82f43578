// The device targets that this machine runs. Others are printed once, with the reason.
#pragma once

#include <cstdio>
#include <set>
#include <string>
#include <vector>

#include "tests/runtime/model_files.h"

namespace slimscale::test {

inline bool is_device(const std::string &target) {
    return target.rfind("opencl", 0) == 0 || target.rfind("vulkan", 0) == 0 || target.rfind("cuda", 0) == 0;
}

inline std::vector<std::string> device_targets(const slimscale_model_info &info, const slimscale_model *model) {
    static std::set<std::string> told;
    std::vector<std::string> targets;
    for (int t = 0; t < info.target_count; t++) {
        const std::string target = info.targets[t];
        char text[300] = "";
        if (!is_device(target))
            continue;
        if (slimscale_describe_target(model, target.c_str(), 0, text, sizeof text) == SLIMSCALE_OK)
            targets.push_back(target);
        else if (told.insert(target).second)
            std::printf("left out: %s, %s\n", target.c_str(), text);
    }
    if (targets.empty())
        std::printf("[SKIP] no device\n");
    return targets;
}

}  // namespace slimscale::test
