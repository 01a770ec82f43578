// An evaluation as JSON, for programs and for `slimscale evaluate --beside`:
//
//     {
//       "format": "slimscale-evaluation",
//       "version": 1,
//       "scale": 2,                        output pixels per input pixel, each way
//       "colors": 3,                       1: luma networks, images as gray
//       "subjects": [                      who was measured, bicubic apart
//         {"name": "carn_m_x2", "engine": "compiled", "channels": 64, "setting": "avx2, 2 threads"}
//       ],
//       "images": [
//         {
//           "image": "Set5/baby.png",      path as given
//           "width": 512, "height": 512,   of the original, cut to multiples of the scale
//           "bicubic": SCORES,
//           "subjects": [                  in the order of the list above
//             {"plain": SCORES, "ensemble": SCORES or null, "ms": 80.2}
//           ]
//         }
//       ],
//       "mean": {"bicubic": SCORES, "subjects": [...]},    over the images, null if there are none; not read back
//       "left_out": [{"image": "Set5/tiny.png", "sentence": "too small to measure: ..."}]
//     }
//
// SCORES are {"y": SCORE, "rgb": SCORE or null}, RGB for color networks only; a SCORE is
// {"psnr": 37.68, "ssim": 0.9595}, psnr in dB, null if infinite. Fields that are not listed are skipped on reading.
#pragma once

#include <string>

#include "base/status.h"
#include "extras/quality/evaluation.h"

namespace slimscale::quality {

// The text has no close-ups, and ends with a line break.
std::string to_json(const Evaluation &evaluation);

Status parse_json(const std::string &text, Evaluation &evaluation);

}  // namespace slimscale::quality
