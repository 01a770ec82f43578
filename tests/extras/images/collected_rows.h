// Rows that are written, in memory.
#pragma once

#include <climits>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/status.h"
#include "extras/images/rows.h"

namespace slimscale::images {

class CollectedRows : public RowWriter {
public:
    explicit CollectedRows(size_t row_bytes) : row_bytes_(row_bytes) {}
    Status write(const uint8_t *samples, int count) override {
        rows += count;
        bytes.insert(bytes.end(), samples, samples + static_cast<size_t>(count) * row_bytes_);
        return rows > fails_after ? Status(Error{"the disk is full"}) : Status();
    }
    Status finish() override { return Status(); }

    int rows = 0, fails_after = INT_MAX;
    std::vector<uint8_t> bytes;

private:
    size_t row_bytes_;
};

}  // namespace slimscale::images
