// Turns the network's numbers into up to three components of an image in any format, and its alpha. Numbers are averaged
// if the components have a lower resolution. The codes of the input, too, are part of a luma network's output, and the
// input's alpha is the output's.
#include "generators/blocks/common.h"
#include "generators/blocks/images.h"
#include "generators/blocks/resampled.h"
#include "schedules/gpu/blocks.h"

namespace {

using namespace Halide;
using namespace slimscale;

class Store : public Generator<Store> {
public:
    GeneratorParam<int> colors_{"cin", 3};
    GeneratorParam<blocks::Schedule> schedule_{"schedule", blocks::Schedule::gpu, blocks::kSchedules};

    Input<Buffer<float, 3>> input_{"input"};  // c, x, row
    Input<int> base_{"base"}, ring_{"ring"}, row0_{"row0"}, width_{"width"}, height_{"height"};
    blocks::AxisInputs columns_{"columns"}, rows_{"rows"};
    Input<float[9]> weight_{"weight"};  // component by component
    Input<float[3]> shift_{"shift"};
    Input<float> gain_{"gain"};
    Input<Buffer<float, 3>> codes_{"codes"};  // x, y, and code 0 to 2 (of luma networks), alpha
    Input<int> codes_taken_{"codes_taken"}, codes_width_{"codes_width"}, codes_height_{"codes_height"};
    blocks::AxisInputs code_columns_{"code_columns"}, code_rows_{"code_rows"};
    Input<float[9]> code_weight_{"code_weight"};
    Input<float> alpha_weight_{"alpha_weight"}, alpha_shift_{"alpha_shift"}, alpha_white_{"alpha_white"};
    Input<int[4]> place_{"place"};
    Input<float> white_{"white"};
    Input<int> floats_{"floats"};
    Output<Func> words_{"words", 2};  // x, y, of four components

    void generate() {
        Expr row = y + row0_;
        const blocks::Axis columns = columns_.of(width_), rows = rows_.of(height_);
        RDom taps(0, columns.taps(), 0, rows.taps());
        Expr weight = blocks::weight_of(columns, x, taps.x) * blocks::weight_of(rows, row, taps.y);
        Expr column = blocks::sample_of(columns, x, taps.x);
        Expr ring_row = unsafe_promise_clamped((blocks::sample_of(rows, row, taps.y) + base_) % ring_, 0, ring_ - 1);
        accumulate(numbers_, colors_, [&](int c) { return weight * input_(c, column, ring_row); });
        generate_codes(row);

        std::vector<Expr> words;
        words.reserve(4);
        const int width = words_.types()[0].bits();
        for (size_t k = 0; k < 3; k++)
            words.push_back(blocks::word_of(strict_float(code(k)), place_[k], white_, floats_, width));
        words.push_back(blocks::chosen(alpha_white_ > 0.f, alpha_word(width), words[2]));
        if (width == 32) {  // integers share a word, so each output is the whole word
            Expr together = words[0] | words[1] | words[2] | words[3];
            for (Expr &word : words)
                word = blocks::chosen(floats_ == 0, together, word);
        }
        for (size_t k = 0; k < 4; k++)
            words[k] = cast(words_.types()[k], words[k]);
        words_(x, y) = Tuple(words);
    }

    void schedule() {
        const blocks::Contract contract(contract::pipeline(contract::Block::store, colors_), schedule_);
        contract.promise(blocks::Arg::input, input_).promise(blocks::Arg::codes, codes_);
        constexpr blocks::Arg kOutputs[] = {blocks::Arg::output, blocks::Arg::output1, blocks::Arg::output2,
                                            blocks::Arg::output3};
        Func words = words_;
        std::vector<OutputImageParam> outputs = words.output_buffers();
        for (size_t k = 0; k < 4; k++)
            contract.promise(kOutputs[k], outputs[k]);
        std::vector<Func> sums{numbers_, alpha_};
        if (colors_ == 1)
            sums.push_back(input_codes_);
        if (schedule_ == blocks::Schedule::gpu)
            schedules::gpu::image(words, sums);
        for (Func &sum : sums)
            if (schedule_ != blocks::Schedule::gpu)
                sum.compute_root();
    }

private:
    // Defines `sum` as `count` sums over the reduction domain that value(i) uses.
    template <typename Value>
    void accumulate(Func sum, int count, Value value) {
        std::vector<Expr> zeros(static_cast<size_t>(count), 0.f), next;
        sum(x, y) = Tuple(zeros);
        for (int i = 0; i < count; i++)
            next.push_back((count > 1 ? Expr(sum(x, y)[i]) : Expr(sum(x, y))) + value(i));
        sum(x, y) = Tuple(next);
    }

    // The input's codes where the output's samples lie.
    void generate_codes(Expr row) {
        const blocks::Axis columns = code_columns_.of(codes_width_), rows = code_rows_.of(codes_height_);
        const auto tap = [&](const RDom &taps, blocks::Edge edge, int plane) {
            return blocks::weight_of(columns, x, taps.x) * blocks::weight_of(rows, row, taps.y) *
                   codes_(blocks::sample_of(columns, x, taps.x, edge), blocks::sample_of(rows, row, taps.y, edge),
                          plane);
        };
        if (colors_ == 1) {
            RDom taps(0, select(codes_taken_ != 0, columns.taps(), 0), 0, rows.taps());
            accumulate(input_codes_, 3, [&](int d) { return tap(taps, blocks::Edge::mirrored, d); });
        }
        RDom taps(0, select(alpha_weight_ != 0.f, columns.taps(), 0), 0, rows.taps());
        accumulate(alpha_, 1, [&](int) { return tap(taps, blocks::Edge::repeated, colors_ == 1 ? 3 : 0); });
    }

    Expr code(size_t k) {
        const auto place = [&](int column) { return 3 * k + static_cast<size_t>(column); };
        Expr sum = 0.f;
        for (int c = 0; c < colors_; c++)
            sum += blocks::weighed(colors_ > 1 ? Expr(numbers_(x, y)[c]) : Expr(numbers_(x, y)), weight_[place(c)]);
        sum = (sum + shift_[k]) * gain_;
        for (int d = 0; d < 3 && colors_ == 1; d++)
            sum += blocks::weighed(input_codes_(x, y)[d], code_weight_[place(d)]);
        return sum;
    }

    Expr alpha_word(int width) {
        Expr value = alpha_(x, y) * alpha_weight_ + alpha_shift_;
        Expr limited = select(value > 0.f, min(value, alpha_white_), 0.f);
        return blocks::word_of(limited, place_[3], alpha_white_, floats_, width);
    }

    Var x{"x"}, y{"y"};
    Func numbers_{"numbers"}, input_codes_{"input_codes"}, alpha_{"alpha"};
};

}  // namespace

HALIDE_REGISTER_GENERATOR(Store, store)
