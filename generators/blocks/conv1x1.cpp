// 1x1 convolution over 1 to 4 concatenated tensors of the same number of channels: max(output_min, conv + bias [+ addend]).
//
// In fixed point (q16) inputs and filters are int16 and their products are summed in int32. Inputs are multiplied by
// input_scale, limited to +-kQ16Limit and rounded. Filters come scaled, so that no sum exceeds 31 bits, and output_scale (c)
// undoes both scales of an output channel (runtime/filters/quantized.h).
#include "schedules/conv1x1.h"
#include "generators/blocks/common.h"
#include "schedules/gpu/blocks.h"
#include "schedules/naive.h"

namespace {

using namespace Halide;
using namespace slimscale;
using contract::kPair;

class Conv1x1 : public Generator<Conv1x1> {
public:
    GeneratorParam<int> cin_{"cin", 16};  // of one segment
    GeneratorParam<int> cout_{"cout", 16};
    GeneratorParam<int> segments_{"segments", 1, 1, contract::kMostSegments};
    GeneratorParam<bool> add_{"add", false};
    GeneratorParam<bool> q16_{"q16", false};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::fast, blocks::kSchedules};
    GeneratorParam<std::string> blocking_{"blocking", ""};  // of the fast schedule; "": by rule
    GeneratorParam<blocks::Storage> storage_{"storage", blocks::Storage::f32, blocks::kStorages};

    Output<Buffer<void, 3>> output_{"output"};  // c, x, y

    // The arguments depend on the parameters; they are added in the contract's order.
    void configure() {
        const Type stored = blocks::type_of(storage_);
        output_.set_type(stored);
        for (int s = 0; s < segments_; s++) {
            const std::string n = std::to_string(s);
            inputs_.push_back(blocks::add_ring_input(*this, stored, "input" + n, "base" + n, "ring" + n));
        }
        row0_ = add_input<int>("row0");
        // o16, ci, block; q16: pair, o16, ci / kPair, block
        filter_ = add_input<Buffer<>>("filter", q16_ ? Type(Int(16)) : Type(Float(32)), q16_ ? 4 : 3);
        segment_stride_ = add_input<int>("segment_stride");
        bias_ = add_input<Buffer<float, 1>>("bias");
        output_min_ = add_input<float>("floor");
        if (q16_) {
            input_scale_ = add_input<float>("to");
            output_scale_ = add_input<Buffer<float, 1>>("from");
        }
        if (add_)
            addend_ = blocks::add_addend(*this, stored);
    }

    void generate() {
        RDom r(0, cin_, "r");
        auto &[all_pixels, all_taps, sum] = stages_;
        sum = Func("sum");
        sum(c, x, y) = q16_ ? Expr(0) : (*bias_)(c);
        for (int s = 0; s < segments_; s++) {
            Func pixels("pixels"), taps("taps");
            Expr pixel = value(inputs_[static_cast<size_t>(s)], ci);
            pixels(ci, x, y) = q16_ ? blocks::rounded_q16(pixel * *input_scale_) : pixel;
            taps(c, ci) = tap(s, c, ci);
            sum(c, x, y) += widened(pixels(r, x, y)) * widened(taps(c, r));
            all_pixels.push_back(pixels);
            all_taps.push_back(taps);
        }
        Expr result = q16_ ? cast<float>(sum(c, x, y)) * (*output_scale_)(c) + (*bias_)(c) : sum(c, x, y);
        if (add_)
            result += value(addend_, c);
        output_(c, x, y) = blocks::stored_as(output_.type(), max(result, *output_min_));
    }

    void schedule() {
        contract::Pipeline numbers = contract::pipeline(contract::Block::conv1x1, cin_, cout_);
        numbers.segments = segments_;
        const blocks::Contract contract(numbers, schedule_);
        contract
            .promise(blocks::Arg::filter, *filter_)
            .promise(blocks::Arg::bias, *bias_)
            .promise(blocks::Arg::output, output_)
            .promise(blocks::Arg::output_scale, output_scale_)
            .promise(blocks::Arg::addend, addend_.tensor);
        for (const blocks::RingInput &input : inputs_)
            contract.promise(blocks::Arg::input, *input.tensor);
        if (schedule_ == blocks::Schedule::naive) {
            schedules::naive(output_, {stages_.sum});
        } else if (schedule_ == blocks::Schedule::gpu) {
            schedules::gpu::conv1x1(stages_, output_, cout_);
        } else {
            const auto blocking = blocks::blocking_of(blocking_, numbers, get_target());
            const auto pixels = q16_ ? stages_.pixels : std::vector<Func>{};
            schedules::conv1x1({rows_, pixels, stages_.sum}, output_, cin_, blocking, get_target());
        }
    }

private:
    Expr value(const blocks::RingInput &input, Expr channel) {
        Func rows = input.rows(*row0_);
        rows_.push_back(rows);
        Expr last_column = output_.dim(1).extent() + contract::kReadableColumns - 1;
        return input.at(channel, x, rows(y), last_column);
    }

    Expr tap(int segment, Expr o, Expr i) {
        Expr block = o / contract::kFilterBlock, o16 = o % contract::kFilterBlock;
        if (!q16_)
            return (*filter_)(o16, segment * *segment_stride_ + i, block);
        Expr pair = segment * (*segment_stride_ / kPair) + i / kPair;
        return (*filter_)(i % kPair, o16, pair, block);
    }

    Expr widened(Expr factor) { return q16_ ? cast<int>(factor) : factor; }

    Var c{"c"}, ci{"ci"}, x{"x"}, y{"y"};
    std::vector<blocks::RingInput> inputs_;
    blocks::RingInput addend_;
    Input<int> *row0_ = nullptr, *segment_stride_ = nullptr;
    Input<Buffer<>> *filter_ = nullptr;
    Input<Buffer<float, 1>> *bias_ = nullptr;
    Input<float> *output_min_ = nullptr;
    Input<float> *input_scale_ = nullptr;
    Input<Buffer<float, 1>> *output_scale_ = nullptr;
    std::vector<Func> rows_;
    schedules::gpu::Conv1x1Stages stages_;
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Conv1x1, conv1x1)
