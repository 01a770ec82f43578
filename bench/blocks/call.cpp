#include "bench/blocks/call.h"

#include <map>

#include "generators/blocks/blocks.h"

namespace slimscale::bench {

namespace {

using Buffer = Halide::Runtime::Buffer<float>;

constexpr int kFilterBlock = 16;
constexpr int kPair = 2;  // input channels side by side in filters of q16
constexpr float kBias = 0.1f;
constexpr float kInputScale = 100;  // of q16
void *const kNoContext = nullptr;

int number(const blocks::Block &block, const char *param) {
    return std::stoi(block.params.at(param));
}

int filter_blocks(int channels) {
    return (channels + kFilterBlock - 1) / kFilterBlock;
}

// Noise of mean 0 in [-scale / 2, scale / 2).
Buffer noise(const std::vector<int> &extents, float scale) {
    Buffer buffer(extents);
    uint32_t state = 1;
    buffer.for_each_value([&](float &value) {
        state = state * 1664525u + 1013904223u;
        value = scale * (static_cast<float>(state >> 8) / static_cast<float>(1 << 24) - 0.5f);
    });
    return buffer;
}

Buffer constant(const std::vector<int> &extents, float value) {
    Buffer buffer(extents);
    buffer.fill(value);
    return buffer;
}

}  // namespace

// What the arguments of one kind of pipeline are.
struct Call::Maker {
    Call &call;
    const blocks::Block &block;
    const Shape &shape;
    int width = shape.width, height = shape.height;

    // A frame's tensor as the executor keeps it: columns from -1, a zero row at the end.
    void tensor(int channels) const {
        constexpr int kColumns = 33;  // beside the output's
        Buffer buffer = noise({channels, width + kColumns, height + 1}, 2.f);
        buffer.set_min(0, -1, 0);
        buffer.sliced(2, height).fill(0);
        call.add(std::move(buffer));
    }

    void ring_input(int channels) const {
        tensor(channels);
        call.add(0);
        call.add(height);
    }

    void frame_input(int channels) const {
        ring_input(channels);
        call.add(height);
        call.add(0);
    }

    void output(int channels) const { call.add(Buffer(std::vector<int>{channels, width, height})); }

    double pixels() const { return 2. * width * height; }

    void conv3x3() const {
        const int cin = number(block, "cin"), cout = number(block, "cout");
        const int s = shape.shuffle, phases = s * s, blocks = filter_blocks(cout) * shape.groups;
        frame_input(cin * shape.groups);
        if (shape.q16)
            quantized_filter({cin / kPair + 1, 6, 6, blocks, phases});
        else
            call.add(noise({kFilterBlock, cin + 1, 6, 6, blocks, phases}, 1.f / static_cast<float>(cin)));
        call.add(constant({blocks * kFilterBlock, phases}, kBias));
        call.add(0.f);
        if (shape.q16) {
            call.add(constant({6, 6}, kInputScale));
            call.add(constant({blocks * kFilterBlock, phases}, 1 / kInputScale));
        }
        if (block.params.count("add") > 0)
            ring_input(cout * shape.groups);
        // c, x, y, group, column and row of the phase
        call.add(Buffer(std::vector<int>{cout, shape.groups, s, width, s, height}).transposed({0, 3, 4, 1, 5, 2}));
        call.flops_ = pixels() * 9 * cin * cout * shape.groups * phases;
    }

    // `extents`: behind those of a pair and a block.
    void quantized_filter(std::vector<int> extents) const {
        extents.insert(extents.begin(), {kPair, kFilterBlock});
        Halide::Runtime::Buffer<int16_t> filter(extents);
        filter.fill(1);
        call.add(std::move(filter));
    }

    void conv1x1() const {
        const int cin = number(block, "cin"), cout = number(block, "cout"), segments = number(block, "segments"),
                  rounded = filter_blocks(cout);
        for (int s = 0; s < segments; s++)
            ring_input(cin);
        call.add(0);
        if (shape.q16)
            quantized_filter({cin * segments / kPair + 1, rounded});
        else
            call.add(noise({kFilterBlock, cin * segments + 1, rounded}, 1.f / static_cast<float>(cin)));
        call.add(cin);
        call.add(constant({rounded * kFilterBlock}, kBias));
        call.add(0.f);
        if (shape.q16) {
            call.add(kInputScale);
            call.add(constant({rounded * kFilterBlock}, 1 / kInputScale));
        }
        if (block.params.count("add") > 0)
            ring_input(cout);
        output(cout);
        call.flops_ = pixels() * cin * segments * cout;
    }

    void head() const {
        const int colors = number(block, "colors"), cout = number(block, "cout"), rounded = filter_blocks(cout);
        frame_input(colors);
        call.add(noise({kFilterBlock, 3, 3, colors, rounded}, kBias));
        call.add(constant({rounded * kFilterBlock}, kBias));
        output(cout);
        call.flops_ = pixels() * 9 * colors * cout;
    }

    void tail() const {
        const int cin = number(block, "cin"), colors = number(block, "colors"),
                  taps = block.params.count("taps") > 0 ? number(block, "taps") : 3;
        frame_input(cin);
        call.add(noise({filter_blocks(cin) * kFilterBlock, taps, taps, colors}, kBias));
        call.add(constant({colors}, kBias));
        output(colors);
        call.flops_ = pixels() * taps * taps * cin * colors;
    }

    void row_sum() const {
        const int cin = number(block, "cin");
        ring_input(cin);
        call.add(0);
        call.add(width);
        call.add(Buffer(std::vector<int>{cin, height}));
        call.flops_ = pixels() / 2 * cin;
    }

    void attend() const {
        const int cin = number(block, "cin");
        ring_input(cin);
        call.add(constant({cin}, 0.5f));
        ring_input(cin);
        call.add(0);
        output(cin);
        call.flops_ = pixels() * cin;
    }
};

Call::Call() {
    arguments_.push_back(const_cast<void **>(&kNoContext));
}

void Call::add(Buffer buffer) {
    buffers_.push_back(std::move(buffer));
    arguments_.push_back(buffers_.back().raw_buffer());
}

void Call::add(Halide::Runtime::Buffer<int16_t> buffer) {
    quantized_.push_back(std::move(buffer));
    arguments_.push_back(quantized_.back().raw_buffer());
}

void Call::add(int value) {
    ints_.push_back(value);
    arguments_.push_back(&ints_.back());
}

void Call::add(float value) {
    floats_.push_back(value);
    arguments_.push_back(&floats_.back());
}

base::Result<Call> Call::make(const std::string &pipeline, const Shape &shape) {
    static const std::map<std::string, void (Maker::*)() const> makers{
        {"conv3x3", &Maker::conv3x3},
        {"conv1x1", &Maker::conv1x1},
        {"head", &Maker::head},
        {"tail", &Maker::tail},
        {"row_sum", &Maker::row_sum},
        {"attend", &Maker::attend},
    };
    const blocks::Block block = blocks::block(pipeline);
    if (!block.error.empty())
        return base::Error{block.error};
    const auto maker = makers.find(block.generator);
    if (maker == makers.end())
        return base::Error{"There is no benchmark for " + pipeline + ": it takes too little time to matter."};
    Call call;
    (Maker{call, block, shape}.*maker->second)();
    return call;
}

}  // namespace slimscale::bench
