// Sizes, lists and names as text, for messages and reports.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slimscale::base {

std::string size_text(int width, int height);  // "640x360"
std::string bytes_text(uint64_t bytes);        // "1000 bytes", "1.5 MiB": powers of 1024
std::string file_size_text(uint64_t bytes);    // "23.1 KB", "1.25 MB": powers of 1000

// "16, 32, 64"; "" for an empty list.
std::string joined(const std::vector<std::string> &words, std::string_view separator = ", ");
std::string joined(const std::vector<int> &numbers, std::string_view separator = ", ");

// Each control character, which could steer a terminal or end a line, becomes a question mark.
std::string one_line(std::string text);

// A name from a file as it may appear in a message: quoted, cut after 100 characters, on one line.
std::string in_quotes(const std::string &text);

// The names of networks and models become file names and C symbols, and packed weights have 48 bytes for one and its
// terminating zero. kNameRule says the rule in messages.
constexpr size_t kMaxNameLength = 47;
constexpr const char *kNameRule = "1 to 47 of the characters a-z, 0-9 and _";
bool is_name_letter(char letter);
bool is_name(std::string_view text);

}  // namespace slimscale::base
