// page.html with its style sheet, Chart.js and charts.js, as a constant of the library.
#pragma once

namespace slimscale::reports {

extern const char *const kPageTemplate;  // page.cpp fills in what stands in {{double braces}}
extern const char *const kScriptSha256;  // of the script's text, as hexadecimal digits

}  // namespace slimscale::reports
