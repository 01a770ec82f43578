#include "compiler/code_size.h"

#include <elf.h>

#include <cstring>
#include <vector>

#include "base/files.h"

namespace slimscale::generators {
namespace {

// Copied out, as nothing says that it is aligned. False where the file ends before it does.
template <class T>
bool read_at(const std::vector<uint8_t> &bytes, uint64_t offset, T &value) {
    if (offset > bytes.size() || bytes.size() - offset < sizeof value)
        return false;
    std::memcpy(&value, bytes.data() + offset, sizeof value);
    return true;
}

}  // namespace

uint64_t loaded_bytes(const std::string &object) {
    const Result<std::vector<uint8_t>> bytes = base::read_file(object);
    Elf64_Ehdr header;
    if (!bytes || !read_at(*bytes, 0, header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
        header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_ident[EI_DATA] != ELFDATA2LSB)
        return 0;
    uint64_t loaded = 0;
    for (unsigned i = 0; i < header.e_shnum; i++) {
        Elf64_Shdr section;
        if (!read_at(*bytes, header.e_shoff + i * sizeof section, section))
            return 0;
        if (section.sh_flags & SHF_ALLOC)
            loaded += section.sh_size;
    }
    return loaded;
}

}  // namespace slimscale::generators
