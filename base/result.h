// A value, or one sentence that says what is wrong and what to do.
#pragma once

#include <string>
#include <utility>
#include <variant>

namespace slimscale::base {

struct Error {
    std::string sentence;
};

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value)
        : content_(std::move(value)) {}
    Result(Error error)
        : content_(std::move(error)) {}

    explicit operator bool() const { return content_.index() == 0; }

    // Precondition: there is a value.
    T &operator*() { return *std::get_if<0>(&content_); }
    const T &operator*() const { return *std::get_if<0>(&content_); }
    T *operator->() { return std::get_if<0>(&content_); }
    const T *operator->() const { return std::get_if<0>(&content_); }

    // "" if there is a value.
    std::string error() const {
        const Error *error = std::get_if<1>(&content_);
        return error ? error->sentence : std::string();
    }

private:
    std::variant<T, Error> content_;
};

}  // namespace slimscale::base
