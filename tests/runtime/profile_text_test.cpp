// The text of a profile is read as it was written, and other texts are refused.
#include "runtime/api/profile_text.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <string>
#include <vector>

#include "base/random.h"
#include "tests/catch.h"

using namespace slimscale::runtime;

namespace {

slimscale_profile profile() {
    slimscale_profile p{};
    p.size = sizeof p;
    p.version = SLIMSCALE_PROFILE_VERSION;
    std::snprintf(p.model, sizeof p.model, "edsr_small_x2");
    std::snprintf(p.machine, sizeof p.machine, "AMD EPYC 9000 (\xc3\xa9)");
    p.cost_count = SLIMSCALE_MAX_COSTS;
    for (int i = 0; i < SLIMSCALE_MAX_COSTS; i++)
        p.costs[i] = {16 + i, 1 + i % 7, "avx512_q16", 1e5 * i, 0.125 * i};
    return p;
}

std::string text_of(const slimscale_profile &p) {
    std::string text(profile_to_text(p, nullptr, 0), '?');
    if (!text.empty()) {
        CHECK(profile_to_text(p, text.data(), text.size()) == text.size());
        CHECK(text.back() == '\0');
        text.pop_back();
    }
    return text;
}

std::string read_error(const std::string &text, slimscale_profile *out = nullptr) {
    // It has exactly the text's size, so that sanitizers find a byte that is read behind it.
    const std::vector<char> bytes(text.begin(), text.end());
    slimscale_profile ignored{};
    Error error;
    profile_from_text(bytes.data(), bytes.size(), out ? *out : ignored, error);
    return error.text;
}

}  // namespace

TEST_CASE("a profile goes through its text") {
    const slimscale_profile before = profile();
    const std::string text = text_of(before);
    CHECK(text.substr(0, 72) == "slimscale profile 2\nmodel edsr_small_x2\nmachine AMD EPYC 9000 (\xc3\xa9)\ncost ");
    slimscale_profile after{};
    REQUIRE(read_error(text, &after).empty());
    CHECK(std::string(after.model) == before.model);
    CHECK(std::string(after.machine) == before.machine);
    REQUIRE(after.cost_count == before.cost_count);
    for (uint32_t i = 0; i < after.cost_count; i++) {
        CHECK(after.costs[i].channels == before.costs[i].channels);
        CHECK(after.costs[i].threads == before.costs[i].threads);
        CHECK(std::string(after.costs[i].target) == before.costs[i].target);
        CHECK(after.costs[i].fixed_ns == before.costs[i].fixed_ns);
        CHECK(after.costs[i].ns_per_pixel == before.costs[i].ns_per_pixel);
    }
    CHECK(text_of(after) == text);
    CHECK(read_error(text + '\0' + "behind a zero").empty());
}

// What is near a bound is written as something that is read, or not at all.
TEST_CASE("every profile that has a text is read from it") {
    for (const double time : {1e15, 999999999999999.5, 999999999999999.0, 999999999999.9999, 1e12})
        for (const int count : {1, 1 << 20, (1 << 20) + 1, 2147483647}) {
            slimscale_profile p = profile();
            p.cost_count = 4;
            p.costs[0].fixed_ns = time;
            p.costs[1].ns_per_pixel = time;
            p.costs[2].channels = count;
            p.costs[3].threads = count;
            for (uint32_t one = 0; one < 4; one++) {
                slimscale_profile single = p;
                single.costs[0] = p.costs[one];
                single.cost_count = 1;
                const std::string text = text_of(single);
                INFO("time " << time << ", count " << count << ", " << text);
                CHECK((text.empty() || read_error(text).empty()));
            }
        }
}

TEST_CASE("a text that is cut to the room there is ends with a zero") {
    const slimscale_profile p = profile();
    const size_t whole = profile_to_text(p, nullptr, 0);
    for (size_t room : {size_t{1}, size_t{2}, size_t{30}, whole - 1}) {
        std::vector<char> text(room + 1, '!');
        CHECK(profile_to_text(p, text.data(), room) == whole);
        CHECK(std::strlen(text.data()) == room - 1);
        CHECK(text[room] == '!');
    }
}

TEST_CASE("what is no profile is refused with the line, and leaves the old one alone") {
    const std::string head = "slimscale profile 2\nmodel m\nmachine a\n", row = "cost t 1 2 3 4\n", end = "end\n";
    CHECK(read_error(head + row + end).empty());
    CHECK(read_error(head + end).empty());
    struct Case {
        std::string text, says;
    };
    std::string rows;
    for (int i = 0; i <= SLIMSCALE_MAX_COSTS; i++)
        rows += row;
    const Case cases[] = {
        {"", "breaks off"},
        {head, "breaks off"},
        {head + row + "end", "breaks off"},
        {head + row + end + "\n", "behind its end, in line 6"},
        {"slimscale profile 1\nmodel m\nmachine a\n" + end, "line 1"},
        {"slimscale profile 2 \nmodel m\nmachine a\n" + end, "line 1"},
        {"slimscale profile 2\r\nmodel m\nmachine a\n" + end, "line 1"},
        {"slimscale profile 2\nmodel \nmachine a\n" + end, "line 2"},
        {"slimscale profile 2\nmodel " + std::string(64, 'x') + "\nmachine a\n" + end, "line 2"},
        {"slimscale profile 2\nmodel m\nmachine a\tb\n" + end, "line 3"},
        {head + rows + end, "line 68"},
        {head + "cost t 1 2 3\n" + end, "line 4"},
        {head + "cost t 1 2 3 4 5\n" + end, "line 4"},
        {head + "cost  t 1 2 3 4\n" + end, "line 4"},
        {head + "cost t 1 2 3 -4\n" + end, "line 4"},
        {head + "cost t 1 2 3 4.5\n" + end, "line 4"},
        {head + "cost t 1 2 nan 4\n" + end, "line 4"},
        {head + "cost t 0 2 3 4\n" + end, "line 4"},
        {head + "cost t 99999999 2 3 4\n" + end, "line 4"},
        {head + "cost t 1 2 3 9999999999999999\n" + end, "line 4"},
        {head + "cost " + std::string(16, 't') + " 1 2 3 4\n" + end, "line 4"},
        {head + "\n" + end, "line 4"},
    };
    for (const Case &c : cases) {
        CAPTURE(c.text);
        slimscale_profile kept = profile();
        CHECK(read_error(c.text, &kept).find(c.says) != std::string::npos);
        CHECK(std::memcmp(kept.model, profile().model, sizeof kept.model) == 0);
        CHECK(kept.cost_count == SLIMSCALE_MAX_COSTS);
    }
}

TEST_CASE("texts with errors are refused or sound") {
    const std::string text = text_of(profile());
    slimscale::base::Random random(3, 1, 4);
    for (int round = 0; round < 20'000; round++) {
        std::string broken = text.substr(0, random.below(text.size() + 1));
        for (uint64_t i = random.below(4); i > 0 && !broken.empty(); i--)
            broken[random.below(broken.size())] = static_cast<char>(random.below(256));
        slimscale_profile read{};
        if (read_error(broken, &read).empty())
            CHECK(profile_to_text(read, nullptr, 0) > 0);
    }
}

TEST_CASE("damaged profiles have no text") {
    slimscale_profile p = profile();
    p.version++;
    CHECK(text_of(p).empty());
    p = profile();
    p.cost_count++;
    CHECK(text_of(p).empty());
    p = profile();
    p.costs[3].ns_per_pixel = NAN;
    CHECK(text_of(p).empty());
    p = profile();
    std::memset(p.machine, 'x', sizeof p.machine);
    CHECK(text_of(p).empty());
    p = profile();
    p.model[2] = '\n';
    CHECK(text_of(p).empty());
}
