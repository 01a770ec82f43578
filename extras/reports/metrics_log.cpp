#include "extras/reports/metrics_log.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <set>
#include <string_view>

#include "base/files.h"
#include "base/numbers.h"
#include "base/text.h"

namespace slimscale::reports {
namespace {

using base::parse;
using base::shortest;

constexpr std::array<const char *, 4> kLeading = {"step", "seconds", "images_per_second", "learning_rate"};

class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0)
            close(number_);
    }
    Descriptor(const Descriptor &) = delete;
    Descriptor &operator=(const Descriptor &) = delete;

    int number() const { return number_; }

private:
    int number_;
};

std::string header_line(const std::vector<std::string> &columns) {
    std::string line = kLeading[0];
    for (size_t i = 1; i < kLeading.size(); i++)
        line += std::string(",") + kLeading[i];
    for (const std::string &column : columns)
        line += "," + column;
    return line + "\n";
}

bool is_name(const std::string &text) {
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::strchr("._-", c);
    };
    return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) { return c != '\0' && allowed(c); });
}

// Checks that the columns can stand in one header.
Status check_names(const std::vector<std::string> &columns) {
    std::set<std::string> seen(kLeading.begin(), kLeading.end());
    for (const std::string &column : columns) {
        if (!is_name(column))
            return Error{"column " + base::in_quotes(column) + " is no name of letters, digits and \"._-\""};
        if (!seen.insert(column).second)
            return Error{"column " + base::in_quotes(column) + " is there twice"};
    }
    return Status();
}

// The text up to and including the last newline, which is what was written completely.
std::string_view whole_lines(std::string_view text) {
    const size_t end = text.rfind('\n');
    return text.substr(0, end == std::string_view::npos ? 0 : end + 1);
}

// Removes the first line from `text` and returns it without its newline. Precondition: there is a newline.
std::string_view next_line(std::string_view *text) {
    const size_t end = text->find('\n');
    const std::string_view line = text->substr(0, end);
    text->remove_prefix(end + 1);
    return line;
}

std::vector<std::string_view> split(std::string_view line) {
    std::vector<std::string_view> fields;
    for (;;) {
        const size_t end = line.find(',');
        fields.push_back(line.substr(0, end));
        if (end == std::string_view::npos)
            return fields;
        line.remove_prefix(end + 1);
    }
}

// The named columns of a header line.
Result<std::vector<std::string>> parse_header(std::string_view line) {
    const std::vector<std::string_view> fields = split(line);
    if (fields.size() < kLeading.size() || !std::equal(kLeading.begin(), kLeading.end(), fields.begin()))
        return Error{"line 1 is not the header of a metrics log; it begins with " + base::in_quotes(std::string(line))};
    std::vector<std::string> columns(fields.begin() + kLeading.size(), fields.end());
    SLIMSCALE_RETURN_IF_ERROR(check_names(columns), "line 1: ");
    return columns;
}

bool parse_optional(std::string_view text, double *value) {
    return text.empty() || parse(text, value);
}

// Reads the fields of a row.
Status parse_row(std::string_view line, const std::vector<std::string> &columns, MetricsRow *row) {
    const std::vector<std::string_view> fields = split(line);
    const size_t expected = kLeading.size() + columns.size();
    if (fields.size() != expected)
        return Error{"has " + std::to_string(fields.size()) + " fields; the header has " + std::to_string(expected)};
    const auto no_number = [](std::string_view field) { return base::in_quotes(std::string(field)) + " is no number"; };
    if (!parse(fields[0], &row->step))
        return Error{no_number(fields[0])};
    const std::array<double *, 3> leading = {&row->seconds, &row->images_per_second, &row->learning_rate};
    for (size_t i = 0; i < leading.size(); i++)
        if (!parse_optional(fields[i + 1], leading[i]))
            return Error{no_number(fields[i + 1])};
    for (size_t i = 0; i < columns.size(); i++) {
        const std::string_view field = fields[kLeading.size() + i];
        if (field.empty())
            continue;
        if (!parse(field, &row->values[columns[i]]))
            return Error{no_number(field)};
    }
    return Status();
}

Result<Metrics> parse_metrics(std::string_view text) {
    text = whole_lines(text);
    if (text.empty())
        return Error{"has no complete header; it is no metrics log, or was cut off when it began"};
    SLIMSCALE_ASSIGN_OR_RETURN(std::vector<std::string> columns, parse_header(next_line(&text)));
    Metrics metrics;
    metrics.columns = std::move(columns);
    for (int line = 2; !text.empty(); line++) {
        MetricsRow row;
        SLIMSCALE_RETURN_IF_ERROR(parse_row(next_line(&text), metrics.columns, &row),
                                  "line " + std::to_string(line) + " ");
        metrics.rows.push_back(std::move(row));
    }
    return metrics;
}

// Checks that an existing file has these columns, and removes a last line that is cut off.
Status check_existing(const std::string &path, const std::vector<std::string> &columns) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string text, base::read_text(path));
    if (text.empty())  // the machine lost power right after the file was made
        return base::write_file(path, header_line(columns));
    SLIMSCALE_ASSIGN_OR_RETURN(const Metrics metrics, parse_metrics(text), path + ": ");
    if (metrics.columns != columns) {
        std::string header = header_line(columns);
        header.pop_back();
        return Error{path + " has other columns; expected the header \"" + header +
                     "\": move the file away, or resume with the options that it was begun with"};
    }
    const std::string_view whole = whole_lines(text);
    return whole.size() == text.size() ? Status() : base::write_file(path, whole);
}

std::string optional_text(double value) {
    return std::isnan(value) ? "" : shortest(value);
}

std::string row_line(const MetricsRow &row, const std::vector<std::string> &columns) {
    std::string line = std::to_string(row.step);
    for (const double value : {row.seconds, row.images_per_second, row.learning_rate})
        line += "," + optional_text(value);
    for (const std::string &column : columns) {
        const auto value = row.values.find(column);
        line += "," + (value == row.values.end() ? "" : shortest(value->second));
    }
    return line + "\n";
}

// Appends the whole of `line`, or leaves the file as it was.
Status append_line(const std::string &path, const std::string &line) {
    const auto failed = [&path](int code) { return "cannot add to " + path + ": " + std::strerror(code); };
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
    struct stat before;
    if (file.number() < 0 || fstat(file.number(), &before) != 0)
        return Error{failed(errno)};
    ssize_t written;
    do
        written = write(file.number(), line.data(), line.size());
    while (written < 0 && errno == EINTR);
    if (written == static_cast<ssize_t>(line.size()))
        return Status();
    const int code = written < 0 ? errno : ENOSPC;  // a regular file takes less only when it has no room
    if (ftruncate(file.number(), before.st_size) != 0)
        return Error{failed(code) + "; its last line is cut off"};
    return Error{failed(code)};
}

}  // namespace

Result<Metrics> read_metrics(const std::string &path) {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string text, base::read_text(path));
    SLIMSCALE_ASSIGN_OR_RETURN(Metrics metrics, parse_metrics(text), path + ": ");
    return metrics;
}

MetricsLog::MetricsLog(std::string path, std::vector<std::string> columns)
    : path_(std::move(path)), columns_(std::move(columns)) {}

Result<MetricsLog> MetricsLog::open(const std::string &path, const std::vector<std::string> &columns) {
    SLIMSCALE_RETURN_IF_ERROR(check_names(columns));
    std::error_code code;
    const auto status = std::filesystem::status(path, code);
    if (status.type() == std::filesystem::file_type::not_found)
        SLIMSCALE_RETURN_IF_ERROR(base::write_file(path, header_line(columns)));
    else if (!is_regular_file(status))
        return Error{path + " is no file that rows can be added to; name another"};
    else
        SLIMSCALE_RETURN_IF_ERROR(check_existing(path, columns));
    return MetricsLog(path, columns);
}

Status MetricsLog::append(const MetricsRow &row) const {
    for (const auto &[name, value] : row.values)
        if (std::find(columns_.begin(), columns_.end(), name) == columns_.end())
            return Error{"column " + base::in_quotes(name) + " is not in " + path_};
    return append_line(path_, row_line(row, columns_));
}

Status MetricsLog::truncate_after(int64_t step) const {
    SLIMSCALE_ASSIGN_OR_RETURN(const std::string text, base::read_text(path_));
    SLIMSCALE_ASSIGN_OR_RETURN(const Metrics metrics, parse_metrics(text), path_ + ": ");
    std::string_view rest = whole_lines(text);
    std::string kept = std::string(next_line(&rest)) + "\n";
    for (const MetricsRow &row : metrics.rows) {
        const std::string_view line = next_line(&rest);
        if (row.step <= step)
            kept += std::string(line) + "\n";
    }
    return kept.size() == text.size() ? Status() : base::write_file(path_, kept);
}

}  // namespace slimscale::reports
