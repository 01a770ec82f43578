// The parts of the module, each in its own source file.
#pragma once

#include <nanobind/nanobind.h>

namespace slimscale::python {

void bind_engine(nanobind::module_ &module);    // engine.cpp: an opened model
void bind_files(nanobind::module_ &module);     // files.cpp: pictures and video as bytes of their files
void bind_formats(nanobind::module_ &module);   // formats.cpp: names and planes of pixel formats
void bind_networks(nanobind::module_ &module);  // networks.cpp: trained files, as graphs; checkpoints
void bind_quality(nanobind::module_ &module);   // quality.cpp: evaluations

}  // namespace slimscale::python
