// A model of a fake archive is a text with its name and widths.
#pragma once

struct slimscale_model {
    char text[64];
};
