#include <algorithm>

#include "networks/networks.h"
#include "tests/catch.h"

using namespace slimscale::networks;

TEST_CASE("widths are multiples of 8, of CARN-M's groups, of RCAN's reduction") {
    CHECK(widths(*preset("edsr_small", 2)) == std::vector<int>{8, 16, 24, 32, 40, 48, 56, 64});
    CHECK(widths(*preset("carn_m", 2)) == std::vector<int>{16, 32, 48, 64});
    CHECK(widths(*preset("rcan_small", 2)) == std::vector<int>{16, 32, 48, 64});

    Network rcan = *preset("rcan_small", 2);
    rcan.channels = 48;
    rcan.reduction = 12;
    CHECK(widths(rcan) == std::vector<int>{24, 48});
}

TEST_CASE("every listed width is accepted, every other one refused") {
    for (const std::string &name : preset_names()) {
        const Network network = *preset(name, 2);
        const std::vector<int> list = widths(network);
        for (int channels = -1; channels <= network.channels + 16; channels++) {
            const bool listed = std::find(list.begin(), list.end(), channels) != list.end();
            CHECK((check_width(network, channels).error() == "") == listed);
        }
    }
}

TEST_CASE("a refused width names the two nearest") {
    const Network edsr = *preset("edsr_small", 2);
    CHECK(check_width(edsr, 20).error() == "edsr_small has no width of 20 channels: the nearest are 16 and 24");
    CHECK(check_width(edsr, 63).error() == "edsr_small has no width of 63 channels: the nearest are 56 and 64");
    CHECK(check_width(edsr, 0).error() == "edsr_small has no width of 0 channels: the nearest are 8 and 16");
    CHECK(check_width(edsr, -5).error() == "edsr_small has no width of -5 channels: the nearest are 8 and 16");
    CHECK(check_width(edsr, 65).error() == "edsr_small has no width of 65 channels: the nearest are 56 and 64");
    CHECK(check_width(*preset("carn_m", 2), 24).error() ==
          "carn_m has no width of 24 channels: the nearest are 16 and 32");

    Network narrow = edsr;
    narrow.channels = 8;
    CHECK(check_width(narrow, 16).error() == "edsr_small has no width of 16 channels: its only one is 8");
}

TEST_CASE("a width is called by its share of the channels") {
    const Network edsr_small = *preset("edsr_small", 2), edsr = *preset("edsr", 2);
    CHECK(width_label(edsr_small, 64) == "w100");
    CHECK(width_label(edsr_small, 16) == "w025");
    CHECK(width_label(edsr_small, 48) == "w075");
    CHECK(width_label(edsr_small, 24) == "w0375");
    CHECK(width_label(edsr_small, 8) == "w0125");
    CHECK(width_label(edsr, 8) == "w003125");

    Network odd = edsr_small;
    odd.channels = 24;
    CHECK(width_label(odd, 8) == "w033333");
    CHECK(width_label(odd, 16) == "w066667");
}

TEST_CASE("labels tell widths apart") {
    for (int channels : {256, 1024}) {
        Network network = *preset("edsr", 2);
        network.channels = channels;
        std::vector<std::string> labels;
        for (int width : widths(network))
            labels.push_back(width_label(network, width));
        std::sort(labels.begin(), labels.end());
        CHECK(std::unique(labels.begin(), labels.end()) == labels.end());
    }
}
