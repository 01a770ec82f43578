// The descriptors of a program's steps.
#include "contract/operation.h"
#include "tests/catch.h"

using namespace slimscale::contract;

TEST_CASE("an operation's facts stand at its place") {
    for (int i = 0; i < kOperationCount; i++)
        CHECK(static_cast<int>(kOperations[i].operation) == i);
    CHECK(facts_of(Operation::attend).name == "attend");
    CHECK(facts_of(Operation::collapsed_tail).block == Block::tail);
}

TEST_CASE("halo, fixed point and what is written follow from the rows") {
    for (const OperationFacts &facts : kOperations) {
        const Operation o = facts.operation;
        const bool tail = o == Operation::tail || o == Operation::collapsed_tail;
        const bool between = o == Operation::conv3x3 || o == Operation::conv1x1;
        CAPTURE(std::string(facts.name));
        CHECK(facts.writes_image() == tail);
        CHECK(facts.has_q16() == between);
        CHECK((facts.packing == Packing::none) == (facts.kernel == 0));
        CHECK(facts.halo == (o == Operation::collapsed_tail ? 2 : facts.kernel == 3 ? 1 : 0));
    }
}

TEST_CASE("operations are counted as the network has them") {
    CHECK(macs_per_pixel(Operation::head, 3, 16, 1, 1, 1) == 9 * 3 * 16);
    CHECK(macs_per_pixel(Operation::conv3x3, 16, 16, 1, 4, 4) == 9 * 16 * 16 * 4 * 4);
    CHECK(macs_per_pixel(Operation::conv1x1, 64, 64, 3, 1, 1) == 3 * 64 * 64);
    CHECK(macs_per_pixel(Operation::collapsed_tail, 16, 3, 1, 1, 4) == 9 * 16 * (16 + 3) * 4);
    CHECK(macs_per_pixel(Operation::attend, 16, 16, 1, 1, 1) == 0);
    CHECK(macs_per_pixel(Operation::squeeze_excite, 16, 4, 1, 1, 1) == 0);
}
