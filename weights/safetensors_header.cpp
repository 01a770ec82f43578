// The header is parsed event by event. Its structure is fixed, so the state machine bounds the depth, notices repeated
// names as they come, and never builds anything that is not needed.
#include "weights/safetensors_header.h"

#include <nlohmann/json.hpp>

#include <set>

#include "base/status.h"
#include "base/text.h"
#include "weights/safetensors.h"

namespace slimscale::weights {
namespace {

class HeaderReader {
public:
    using number_integer_t = nlohmann::json::number_integer_t;
    using number_unsigned_t = nlohmann::json::number_unsigned_t;
    using number_float_t = nlohmann::json::number_float_t;
    using string_t = nlohmann::json::string_t;
    using binary_t = nlohmann::json::binary_t;

    SafetensorsHeader header;
    std::string error;

    bool null() { return unexpected("null"); }
    bool boolean(bool) { return unexpected("true or false"); }
    bool number_integer(number_integer_t) { return unexpected("a negative number"); }
    bool number_float(number_float_t, const string_t &) {
        return unexpected("a number that is fractional or too large");
    }
    bool binary(binary_t &) { return unexpected("binary data"); }

    bool number_unsigned(number_unsigned_t value) {
        if (place_ == Place::shape) {
            if (entry_.shape.size() == kMaxRank)
                return fail("tensor " + base::in_quotes(entry_.name) + " has more than " + std::to_string(kMaxRank) +
                            " dimensions");
            entry_.shape.push_back(value);
            return true;
        }
        if (place_ == Place::offsets && offset_count_ < 2) {
            entry_.offsets[offset_count_++] = value;
            return true;
        }
        return unexpected("a number");
    }

    bool string(string_t &text) {
        if (place_ == Place::metadata) {
            header.metadata[key_] = text;
            return true;
        }
        if (place_ == Place::tensor && key_ == "dtype") {
            entry_.dtype = text;
            return true;
        }
        return unexpected("a text");
    }

    bool start_object(size_t) {
        if (place_ == Place::start)
            place_ = Place::header;
        else if (place_ == Place::header && key_ == "__metadata__")
            place_ = Place::metadata;
        else if (place_ == Place::header)
            place_ = Place::tensor;
        else
            return unexpected("an object");
        keys_.clear();
        return true;
    }

    bool key(string_t &name) {
        std::set<std::string> &seen = place_ == Place::header ? names_ : keys_;
        if (!seen.insert(name).second)
            return fail("the header holds the name " + base::in_quotes(name) + " twice");
        if (place_ == Place::header)
            entry_ = TensorEntry{name, {}, {}, {}};
        else if (place_ == Place::tensor && name != "dtype" && name != "shape" && name != "data_offsets")
            return fail("tensor " + base::in_quotes(entry_.name) + " has an unknown field " + base::in_quotes(name));
        key_ = name;
        return true;
    }

    bool end_object() {
        if (place_ == Place::tensor) {
            if (keys_.size() != 3)
                return fail("tensor " + base::in_quotes(entry_.name) + " lacks its dtype, shape or data_offsets");
            header.tensors.push_back(entry_);
        }
        place_ = place_ == Place::header ? Place::end : Place::header;
        return true;
    }

    bool start_array(size_t) {
        if (place_ != Place::tensor || key_ == "dtype")
            return unexpected("a list");
        place_ = key_ == "shape" ? Place::shape : Place::offsets;
        offset_count_ = 0;
        return true;
    }

    bool end_array() {
        if (place_ == Place::offsets && offset_count_ != 2)
            return fail("tensor " + base::in_quotes(entry_.name) + " needs two data_offsets");
        place_ = Place::tensor;
        return true;
    }

    bool parse_error(size_t position, const std::string &, const nlohmann::detail::exception &) {
        return fail("the header is no valid JSON at byte " + std::to_string(position));
    }

private:
    enum class Place { start, header, metadata, tensor, shape, offsets, end };

    bool fail(std::string sentence) {
        error = std::move(sentence);
        return false;
    }

    bool unexpected(const std::string &what) {
        if (place_ == Place::start)
            return fail("the header must be a JSON object");
        const std::string &where = place_ == Place::metadata ? key_ : entry_.name;
        return fail("the header holds " + what + " where it may not, at " + base::in_quotes(where));
    }

    Place place_ = Place::start;
    std::string key_;
    std::set<std::string> names_;  // names in the header so far
    std::set<std::string> keys_;   // keys of the current object in it so far
    TensorEntry entry_;
    size_t offset_count_ = 0;
};

}  // namespace

Result<SafetensorsHeader> parse_header(const uint8_t *json, size_t size) {
    if (size == 0 || json[0] != '{')
        return Error{"the header must be a JSON object"};
    HeaderReader reader;
    if (!nlohmann::json::sax_parse(json, json + size, &reader))
        return Error{reader.error};
    return std::move(reader.header);
}

}  // namespace slimscale::weights
