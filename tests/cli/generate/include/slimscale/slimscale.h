// The fake archives' models say their names and widths.
#pragma once

struct slimscale_model {
    char text[64];
};
