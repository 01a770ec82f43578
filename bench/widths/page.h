// The report as one HTML page with charts.
#pragma once

#include <string>
#include <vector>

#include "bench/widths/peers.h"
#include "bench/widths/report.h"

namespace slimscale::bench {

// Charts of milliseconds over channels, and of PSNR over milliseconds where it was measured, for each scale and input;
// the tables follow. Peers are shown beside networks of their name, scale and input, if they ran with as many threads
// or on a GPU. In the charts of PSNR, f32 engines have the PSNR of our row at the same width, since they compute the
// same; others are left out.
std::string to_html(const Report &report, const std::vector<PeerRow> &peers);

}  // namespace slimscale::bench
