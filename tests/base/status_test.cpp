#include "base/status.h"

#include <memory>
#include <vector>

#include "tests/catch.h"

using namespace slimscale::base;

namespace {

Status check(int value) {
    return value > 0 ? Status() : Error{"not positive"};
}

Result<int> half(int value) {
    if (value % 2 != 0)
        return Error{"odd"};
    return value / 2;
}

Status pass_on(int value) {
    SLIMSCALE_RETURN_IF_ERROR(check(value));
    SLIMSCALE_RETURN_IF_ERROR(half(value), "--size: ");
    return Status();
}

Result<std::string> quarter_text(int value) {
    SLIMSCALE_RETURN_IF_ERROR(check(value), "first: ");
    SLIMSCALE_ASSIGN_OR_RETURN(const int once, half(value));
    int twice = 0;
    SLIMSCALE_ASSIGN_OR_RETURN(twice, half(once), "again: ");
    return std::to_string(twice);
}

Result<std::unique_ptr<int>> made(bool fails) {
    if (fails)
        return Error{"none"};
    return std::make_unique<int>(7);
}

Result<int> use_of_what_cannot_be_copied(bool fails) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::unique_ptr<int> owner, made(fails), "owner: ");
    return *owner;
}

Status one_of(bool which) {
    if (which)
        SLIMSCALE_RETURN_IF_ERROR(check(-1));
    else
        SLIMSCALE_RETURN_IF_ERROR(half(1));
    return Status();
}

}  // namespace

TEST_CASE("a status is success or a sentence") {
    CHECK(Status().ok());
    CHECK(Status());
    CHECK(Status().error() == "");
    CHECK(check(1).ok());
    CHECK_FALSE(check(0));
    CHECK(check(0).error() == "not positive");
}

TEST_CASE("a result is a value or a sentence") {
    CHECK(half(4).ok());
    CHECK(*half(4) == 2);
    CHECK(half(4).error() == "");
    CHECK(half(4).status().ok());
    CHECK_FALSE(half(3));
    CHECK(half(3).error() == "odd");
    CHECK(half(3).status().error() == "odd");
    const Result<std::vector<int>> list = std::vector<int>{1, 2};
    CHECK(list->size() == 2);
}

TEST_CASE("an error is passed on, with its context before it") {
    CHECK(pass_on(4).ok());
    CHECK(pass_on(0).error() == "not positive");
    CHECK(pass_on(3).error() == "--size: odd");
    CHECK(*quarter_text(12) == "3");
    CHECK(quarter_text(-4).error() == "first: not positive");
    CHECK(quarter_text(3).error() == "odd");
    CHECK(quarter_text(6).error() == "again: odd");
    CHECK(one_of(true).error() == "not positive");
    CHECK(one_of(false).error() == "odd");
}

TEST_CASE("what cannot be copied is moved out of its result") {
    CHECK(*use_of_what_cannot_be_copied(false) == 7);
    CHECK(use_of_what_cannot_be_copied(true).error() == "owner: none");
}
