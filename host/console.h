// What programs say: results on standard output, everything else on standard error.
#pragma once

#include <cstddef>
#include <string>

namespace slimscale::host {

std::string version();  // "0.1.0"

// Prints "slimscale: <subject>: <sentence>" as one line, whatever the sentence holds. An empty subject is left out.
void complain(const std::string &subject, const std::string &sentence);
void note(const std::string &sentence);  // likewise, for what is not an error

// One line on a terminal that is redrawn in place; nothing in a pipe or a file.
class Progress {
public:
    explicit Progress(size_t total);  // items
    ~Progress() { clear(); }
    Progress(const Progress &) = delete;
    Progress &operator=(const Progress &) = delete;

    void show(size_t done, const std::string &current) const;
    void show(const std::string &line) const;  // for work whose total is unknown
    void clear() const;                        // before anything else is printed

private:
    size_t total_;
    bool enabled_;
};

}  // namespace slimscale::host
