// The names of a checkpoint's contents (checkpoint.h).
#pragma once

#include <string>

namespace slimscale::trainer {

inline const std::string kFormat = "slimscale checkpoint", kVersion = "1";
inline const std::string kParameters = "parameters/", kAveraged = "averaged/", kMoments1 = "moments1/",
                         kMoments2 = "moments2/";

}  // namespace slimscale::trainer
