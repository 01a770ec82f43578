// Errors as values: Status says whether something went well, Result carries a value if it did. The error is one
// sentence for the user that says what is wrong and what to do about it. Neither can be dropped without a warning,
// which slimscale_warnings makes an error.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

namespace slimscale::base {

// What went wrong. Functions return it where they return Status or Result: `return Error{"the file is empty"};`.
struct Error {
    std::string sentence;
};

class [[nodiscard]] Status {
public:
    Status() = default;  // all went well
    Status(Error error) : error_(std::move(error.sentence)) {}

    bool ok() const { return error_.empty(); }
    explicit operator bool() const { return ok(); }
    const std::string &error() const { return error_; }  // the sentence; "" if all went well

private:
    std::string error_;
};

template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : content_(std::move(value)) {}
    Result(Error error) : content_(std::move(error)) {}

    bool ok() const { return content_.index() == 0; }
    explicit operator bool() const { return ok(); }

    // Precondition of these: there is a value.
    T &operator*() & { return *std::get_if<0>(&content_); }
    const T &operator*() const & { return *std::get_if<0>(&content_); }
    T &&operator*() && { return std::move(*std::get_if<0>(&content_)); }
    T *operator->() { return std::get_if<0>(&content_); }
    const T *operator->() const { return std::get_if<0>(&content_); }

    // The sentence; "" if there is a value.
    std::string error() const {
        const Error *error = std::get_if<1>(&content_);
        return error ? error->sentence : std::string();
    }
    Status status() const { return ok() ? Status() : Status(Error{error()}); }

private:
    std::variant<T, Error> content_;
};

// These two serve the macros below: failure() is the error of a Status or a Result, if it has one, with `context`
// before its sentence; with_context() puts `context` before the sentence of a Result's error.
template <typename Outcome>
std::optional<Error> failure(const Outcome &outcome, const std::string &context = "") {
    if (outcome.ok())
        return std::nullopt;
    return Error{context + outcome.error()};
}
template <typename T>
Result<T> with_context(Result<T> result, const std::string &context = "") {
    return result || context.empty() ? std::move(result) : Result<T>(Error{context + result.error()});
}

}  // namespace slimscale::base

// All namespaces of the project use these without a prefix.
namespace slimscale {
using base::Error;
using base::Result;
using base::Status;
}  // namespace slimscale

#define SLIMSCALE_CONCATENATED_(a, b) a##b
#define SLIMSCALE_CONCATENATED(a, b) SLIMSCALE_CONCATENATED_(a, b)

// SLIMSCALE_RETURN_IF_ERROR(outcome[, context]): leaves the function, which returns Status or Result, with the error of
// a Status or Result. A context such as "--data: " or a path goes before its sentence.
#define SLIMSCALE_RETURN_IF_ERROR(...)                                                                           \
    do {                                                                                                         \
        if (std::optional<::slimscale::base::Error> slimscale_failure = ::slimscale::base::failure(__VA_ARGS__)) \
            return *std::move(slimscale_failure);                                                                \
    } while (false)

// SLIMSCALE_ASSIGN_OR_RETURN(variable, result[, context]): leaves the function with the error of a Result, or gives its
// value to `variable`, which may be a declaration:
// SLIMSCALE_ASSIGN_OR_RETURN(const Bytes bytes, read_file(path), "--data: ").
#define SLIMSCALE_ASSIGN_OR_RETURN(variable, ...) \
    SLIMSCALE_ASSIGN_OR_RETURN_(SLIMSCALE_CONCATENATED(slimscale_result_, __LINE__), variable, __VA_ARGS__)
#define SLIMSCALE_ASSIGN_OR_RETURN_(result, variable, ...)      \
    auto result = ::slimscale::base::with_context(__VA_ARGS__); \
    if (!result)                                                \
        return ::slimscale::base::Error{result.error()};        \
    variable = *std::move(result)
