// Convolutions by Winograd on devices are cut into chunks of rows of tiles.
#include "runtime/plan/tile_chunk.h"

#include "contract/layout.h"
#include "contract/operation.h"
#include "tests/catch.h"

using namespace slimscale;
using namespace slimscale::runtime;
using slimscale::contract::Operation;

namespace {

constexpr size_t kTileBytes = 36 * sizeof(float);  // of one channel

// A convolution of `channels` to as many, on a frame of this size.
struct Plan {
    slimscale_tensor tensors[3] = {{3, 1, 3}, {0, 1, 3}, {0, 1, 3}};
    slimscale_step steps[2] = {};
    slimscale_winograd three[2] = {{-1, -1, -1}, {2, 3, 4}};
    slimscale_compiled_target target{};
    TensorLayout layouts[3] = {};
    FrameLayout frame{};

    Plan(int channels, int width, int height, int band_rows) {
        tensors[1].channels = tensors[2].channels = channels;
        steps[0] = step(Operation::head, 0, 3, channels, 0);
        steps[1] = step(Operation::conv3x3, 1, channels, channels, 1);
        target.winograd = three;
        target.winograd_pipelines = 3;
        frame = lay_out(plan(), width, height, band_rows, sizeof(float), layouts);
    }
    slimscale_network_plan plan() const { return {tensors[1].channels, 3, 2, 0, tensors, steps}; }
    TileChunk chunk() const { return tile_chunk(steps[1], layouts, frame); }

private:
    static slimscale_step step(Operation kind, int input, int cin, int cout, int pipeline) {
        slimscale_step s{};
        s.kind = static_cast<int>(kind), s.pipeline = pipeline;
        s.cin = cin, s.cout = cout;
        s.groups = s.shuffle = s.input_count = s.input_scale = 1;
        s.inputs[0] = input, s.output = input + 1;
        s.add = -1;
        return s;
    }
};

}  // namespace

TEST_CASE("a chunk keeps to its budget and holds whole rows of tiles") {
    for (const int channels : {128, 136, 256})
        for (const int width : {1, 37, 640, 1920}) {
            CAPTURE(channels, width);
            const TileChunk chunk = Plan(channels, width, 1080, 0).chunk();
            CHECK(chunk.columns == (width + 3) / 4);
            CHECK(chunk.rows >= 1);
            CHECK((chunk.bytes <= contract::kChunkBytes || chunk.rows == 1));
            const auto tiles = static_cast<size_t>(chunk.columns) * static_cast<size_t>(chunk.rows);
            CHECK(chunk.bytes >= tiles * kTileBytes * 2 * static_cast<size_t>(channels));
            CHECK(static_cast<size_t>(chunk.input_element) * kTileBytes <= chunk.products);
            CHECK(chunk.input_element % (contract::kTilesTogether * channels) == 0);
            CHECK(chunk.output_element % (contract::kTilesTogether * channels) == 0);
        }
    CHECK(Plan(128, 640, 1080, 0).chunk().rows == 5);  // 160 tiles of 36 KB a row
    CHECK(Plan(256, 1920, 1080, 0).chunk().rows == 1);
}

TEST_CASE("a chunk has no more rows than a band or a frame") {
    CHECK(Plan(128, 13, 1080, 8).chunk().rows == 2);
    CHECK(Plan(128, 13, 9, 0).chunk().rows == 3);   // rows from -3 to 8
    CHECK(Plan(128, 13, 10, 0).chunk().rows == 4);  // rows from -3 to 9: four tiles
}

TEST_CASE("a plan's chunks take what its largest one takes, direct steps and processors take none") {
    Plan p(128, 100, 100, 0);
    CHECK(chunk_bytes(p.plan(), p.target, p.layouts, p.frame) == p.chunk().bytes);
    CHECK(winograd_of(p.target, p.steps[0]) == nullptr);
    CHECK(winograd_of(p.target, p.steps[1]) == &p.three[1]);
    p.three[1] = {-1, -1, -1};
    CHECK(chunk_bytes(p.plan(), p.target, p.layouts, p.frame) == 0);
    CHECK(chunk_bytes(p.plan(), slimscale_compiled_target{}, p.layouts, p.frame) == 0);
}
