#include "runtime/platform/memory.h"

#include <utility>
#include <vector>

#include "tests/catch.h"

using namespace slimscale::runtime;

TEST_CASE("an empty arena measures what one that serves everything needs") {
    Arena measuring;
    measuring.use(nullptr, 0);
    void *a = measuring.allocate(100), *b = measuring.allocate(1000);
    measuring.release(a);
    measuring.release(b);
    CHECK(measuring.fallbacks() == 2);
    CHECK(measuring.peak() == 128 + 1024);

    std::vector<unsigned char> memory(measuring.peak() + kAlignment);
    auto *aligned = memory.data() + (kAlignment - reinterpret_cast<uintptr_t>(memory.data()) % kAlignment) % kAlignment;
    Arena arena;
    arena.use(aligned, measuring.peak());
    for (int task = 0; task < 3; task++) {
        a = arena.allocate(100), b = arena.allocate(1000);
        CHECK(a == aligned);
        CHECK(reinterpret_cast<uintptr_t>(b) % kAlignment == 0);
        arena.release(a);  // in either order
        arena.release(b);
    }
    CHECK(arena.fallbacks() == 0);
}

TEST_CASE("an arena gives the newest allocation's memory again while older ones are in use") {
    alignas(kAlignment) unsigned char memory[4 * kAlignment];
    Arena arena;
    arena.use(memory, sizeof memory);
    void *older = arena.allocate(kAlignment);
    for (int phase = 0; phase < 9; phase++) {
        void *newest = arena.allocate(2 * kAlignment);
        CHECK(newest == memory + kAlignment);
        arena.release(newest);
    }
    void *newest = arena.allocate(kAlignment);
    arena.release(older);  // not the newest: it stays taken
    CHECK(arena.allocate(kAlignment) == memory + 2 * kAlignment);
    arena.release(newest);
    arena.release(memory + 2 * kAlignment);
    CHECK(arena.allocate(kAlignment) == memory);  // nothing is in use
    arena.release(memory);
    CHECK(arena.fallbacks() == 0);
}

TEST_CASE("an arena that is too small falls back and frees what it took") {
    unsigned char memory[128];
    Arena arena;
    arena.use(memory, sizeof memory);
    void *inside = arena.allocate(64), *outside = arena.allocate(4096);
    CHECK(inside == memory);
    CHECK(outside != nullptr);
    CHECK(arena.fallbacks() == 1);
    arena.release(outside);
    arena.release(inside);
    arena.release(nullptr);
}

TEST_CASE("a block takes from the given allocator and returns to it") {
    struct Counter {
        int live = 0;
        bool full = false;
    } counter;
    slimscale_allocator allocator = default_allocator();
    allocator.opaque = &counter;
    allocator.allocate = [](void *opaque, size_t bytes, size_t alignment) -> void * {
        auto *c = static_cast<Counter *>(opaque);
        if (c->full)
            return nullptr;
        c->live++;
        return default_allocator().allocate(nullptr, bytes, alignment);
    };
    allocator.release = [](void *opaque, void *memory) {
        static_cast<Counter *>(opaque)->live--;
        default_allocator().release(nullptr, memory);
    };
    {
        Block block, other;
        REQUIRE(block.allocate(allocator, 10));
        other = std::move(block);
        CHECK(block.data() == nullptr);  // NOLINT: moved from; the header promises it
        CHECK(other.size() == 10);
        counter.full = true;
        CHECK_FALSE(block.allocate(allocator, 10));
    }
    CHECK(counter.live == 0);
}
