#include "runtime/cpu/pixels.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "runtime/cpu/samples.h"

namespace slimscale::runtime::cpu {

namespace {

constexpr int kRun = 192;  // columns at a time: what they need fits the first-level cache
constexpr int kReach = 2 * kRun + kMostTaps + kMostPhases;  // the most samples that so many columns are made from

// ---- Rows of words that lie as the network's colors do --------------------------------------------------------------

bool interleaved(const Format &format, int colors) {
    for (int c = 0; c < colors; c++) {
        const Component &component = format.components[c];
        if (component.plane != 0 || component.first != c || component.shift != 0)
            return false;
    }
    return true;
}

template <typename Sample>
void load_interleaved(const Loading &l, int y, float *row) {
    const int step = l.format->components[0].step, colors = l.numbers;
    const auto *in = reinterpret_cast<const Sample *>(row_of(l.image, 0, y));
    for (int x = 0; x < l.image.width; x++)
        for (int c = 0; c < colors; c++)
            row[x * colors + c] = static_cast<float>(in[x * step + c]) * l.gain - l.shift[c];
}

// A NaN is not greater than 0 and becomes black rather than undefined behaviour.
int to_sample(float value, float white) {
    return static_cast<int>(std::min(std::max(0.0f, value), white) + 0.5f);
}

constexpr int kSamples = 48;  // whole pixels of 1 or 3 colors, and whole vectors

// Not inlined, g++ 12 makes vectors of it.
[[gnu::noinline]] void round_run(const float *__restrict row, const float *__restrict shifts, float gain, float white,
                                 int *__restrict samples) {
    for (int i = 0; i < kSamples; i++)
        samples[i] = to_sample((row[i] + shifts[i]) * gain, white);
}

// Samples side by side, kSamples at a time.
template <typename Sample>
void store_dense(const Storing &s, int count, float white, const float *row, Sample *out) {
    float shifts[kSamples];
    for (int i = 0; i < kSamples; i++)
        shifts[i] = s.shift[i % s.numbers];
    int first = 0;
    for (; first + kSamples <= count; first += kSamples) {
        int samples[kSamples];
        round_run(row + first, shifts, s.gain, white, samples);
        for (int i = 0; i < kSamples; i++)
            out[first + i] = static_cast<Sample>(samples[i]);
    }
    for (int i = 0; first + i < count; i++)
        out[first + i] = static_cast<Sample>(to_sample((row[first + i] + shifts[i]) * s.gain, white));
}

template <typename Sample>
void store_interleaved(const Storing &s, int y, const float *row) {
    const int step = s.format->components[0].step, colors = s.numbers;
    const float white = s.format->components[0].white();
    auto *out = reinterpret_cast<Sample *>(row_of(s.image, 0, y));
    if (step == colors)
        return store_dense(s, s.image.width * colors, white, row, out);
    for (int x = 0; x < s.image.width; x++)
        for (int c = 0; c < colors; c++)
            out[x * step + c] = static_cast<Sample>(to_sample((row[x * colors + c] + s.shift[c]) * s.gain, white));
}

// ---- Resampling, a run of columns at a time -------------------------------------------------------------------------

struct Span {
    int begin, end;
    int count() const { return end - begin; }
};

// Samples that outputs [begin, end) are made from.
Span source_of(const Resampling &r, Span out) {
    Span in{r.first_tap(out.begin), r.first_tap(out.end - 1) + r.taps};
    for (int o = out.begin; o < out.end && o < out.begin + r.out_period; o++)
        in.begin = std::min(in.begin, r.first_tap(o));
    for (int o = out.end - 1; o >= out.begin && o >= out.end - r.out_period; o--)
        in.end = std::max(in.end, r.first_tap(o) + r.taps);
    return in;
}

template <int InPeriod>
void filter_phase(const float *__restrict in, const float *__restrict weights, int taps, int count,
                  float *__restrict out) {
    for (int i = 0; i < count; i++)
        out[i] = in[i * InPeriod] * weights[0];
    for (int k = 1; k < taps; k++)
        for (int i = 0; i < count; i++)
            out[i] += in[i * InPeriod + k] * weights[k];
}

// `samples` begins with sample source_of(r, out).begin.
void resample(const Resampling &r, const float *samples, Span in, Span out, float *result) {
    if (r.copies()) {
        std::memcpy(result, samples, static_cast<size_t>(out.count()) * sizeof(float));
        return;
    }
    for (int p = 0; p < r.out_period; p++) {
        const int first = out.begin + (p - out.begin % r.out_period + r.out_period) % r.out_period;
        const int count = (out.end - first + r.out_period - 1) / r.out_period;
        if (count <= 0)
            continue;
        const float *from = samples + (r.first_tap(first) - in.begin);
        float phase[kRun];
        float *to = r.out_period == 1 ? result : phase;
        if (r.in_period == 1)
            filter_phase<1>(from, r.weights[p], r.taps, count, to);
        else
            filter_phase<2>(from, r.weights[p], r.taps, count, to);
        if (r.out_period > 1)
            for (int i = 0; i < count; i++)
                result[first - out.begin + i * r.out_period] = phase[i];
    }
}

void add_weighted(const float *__restrict in, float weight, int count, float *__restrict sum) {
    for (int i = 0; i < count; i++)
        sum[i] += in[i] * weight;
}

// Component c of the image at columns `out` of row y of what the taps make.
void resample_component(const slimscale_image &image, const Format &format, int c, const Resampling &columns,
                        const Resampling &rows, int y, Span out, float *result) {
    const Span in = source_of(columns, out);
    const int height = samples_of(image.height, format.sub_y, c);
    float sum[kReach], codes[kReach];
    if (rows.copies()) {
        fetch_around(sample_row(image, format, c, y), in.begin, in.end, Edge::mirrored, sum);
    } else {
        std::fill_n(sum, in.count(), 0.0f);
        for (int k = 0; k < rows.taps; k++) {
            const int row = inside(rows.first_tap(y) + k, height);
            fetch_around(sample_row(image, format, c, row), in.begin, in.end, Edge::mirrored, codes);
            add_weighted(codes, rows.taps_of(y)[k], in.count(), sum);
        }
    }
    resample(columns, sum, in, out, result);
}

// ---- Any format in --------------------------------------------------------------------------------------------------

void load_codes(const Loading &l, int y, Span run, float (&codes)[3][kRun]) {
    for (int j = 0; j < l.codes; j++)
        if (Storing::is_chroma(*l.format, j))
            resample_component(l.image, *l.format, j, l.columns, l.rows, y, run, codes[j]);
        else
            fetch(sample_row(l.image, *l.format, j, y), run.begin, run.end, codes[j]);
}

void load_run(const Loading &l, int y, Span run, float *row) {
    float codes[3][kRun] = {};
    load_codes(l, y, run, codes);
    const int count = run.count();
    if (l.direct) {
        const bool floats = is_float(l.format->word);
        const float range = l.network.range;
        for (int c = 0; c < l.numbers; c++)
            for (int x = 0; x < count; x++)
                row[x * l.numbers + c] =
                    floats ? (codes[c][x] - l.network.mean[c]) * range : codes[c][x] * l.gain - l.shift[c];
        return;
    }
    for (int c = 0; c < l.numbers; c++) {
        const float a = l.by_code[c][0], b = l.by_code[c][1], d = l.by_code[c][2], offset = l.offset[c];
        for (int x = 0; x < count; x++)
            row[x * l.numbers + c] = codes[0][x] * a + codes[1][x] * b + codes[2][x] * d + offset;
    }
}

// ---- Any format out -------------------------------------------------------------------------------------------------

// What is to be stored of a run of columns: codes [first, last) of the output.
struct Run {
    Span columns;
    int first, last;
    float codes[3][kRun];
};

void add_numbers(const Storing &s, const float *row, Run &run) {
    for (int j = run.first; j < run.last; j++)
        for (int c = 0; c < s.numbers; c++) {
            const float weight = s.by_number[j][c];
            if (weight == 0)
                continue;
            const float *in = row + run.columns.begin * s.numbers + c;
            for (int x = 0; x < run.columns.count(); x++)
                run.codes[j][x] += in[x * s.numbers] * weight;
        }
}

bool any_number(const Storing &s, int j) {
    return std::any_of(s.by_number[j], s.by_number[j] + s.numbers, [](float weight) { return weight != 0; });
}

// Chroma of the numbers: their rows averaged, made a chroma code, and averaged along the row.
void add_averages(const Storing &s, int y, const NumberRows &numbers, Run &run) {
    const Span in = source_of(s.columns, run.columns);
    const int width = s.image.width;
    const Span there{std::max(in.begin, 0), std::min(in.end, width)};
    float sum[kReach * 3];
    std::fill_n(sum, there.count() * s.numbers, 0.0f);
    for (int k = 0; k < s.rows.taps; k++) {
        const float *row = numbers.at(inside(s.rows.first_tap(y) + k, s.image.height));
        add_weighted(row + there.begin * s.numbers, s.rows.taps_of(y)[k], there.count() * s.numbers, sum);
    }
    for (int j = run.first; j < run.last; j++) {
        if (!any_number(s, j))
            continue;
        float codes[kReach], averages[kRun];
        for (int x = in.begin; x < in.end; x++) {
            const int at = (inside(x, width) - there.begin) * s.numbers;
            float code = 0;
            for (int c = 0; c < s.numbers; c++)
                code += sum[at + c] * s.by_number[j][c];
            codes[x - in.begin] = code;
        }
        resample(s.columns, codes, in, run.columns, averages);
        add_weighted(averages, 1, run.columns.count(), run.codes[j]);
    }
}

// What the input's own codes bring.
void add_codes(const Storing &s, int y, Run &run) {
    for (int d = 0; d < 3; d++) {
        bool used = false;
        for (int j = run.first; j < run.last; j++)
            used = used || s.by_code[j][d] != 0;
        if (!used)
            continue;
        const Storing::Way &way = s.way(d, run.first);
        float codes[kRun];
        resample_component(s.input, *s.input_format, d, way.columns, way.rows, y, run.columns, codes);
        for (int j = run.first; j < run.last; j++)
            if (s.by_code[j][d] != 0)
                add_weighted(codes, s.by_code[j][d], run.columns.count(), run.codes[j]);
    }
}

void put_run(const Storing &s, int y, const Run &run) {
    const Format &format = *s.format;
    if (format.word == Word::u32) {
        const SampleRow rows[3] = {sample_row(s.image, format, 0, y), sample_row(s.image, format, 1, y),
                                   sample_row(s.image, format, 2, y)};
        return put_together(rows, run.columns.begin, run.columns.end, {run.codes[0], run.codes[1], run.codes[2]});
    }
    for (int j = run.first; j < run.last; j++)
        put(sample_row(s.image, format, j, y), run.columns.begin, run.columns.end, run.codes[j]);
}

void store_run(const Storing &s, int y, const NumberRows &numbers, Run &run) {
    const bool chroma = Storing::is_chroma(*s.format, run.first);
    const int count = run.columns.count();
    if (s.direct && s.numbers >= run.last) {
        const float *row = numbers.at(y) + run.columns.begin * s.numbers;
        const bool floats = is_float(s.format->word);
        for (int c = run.first; c < run.last; c++)
            for (int x = 0; x < count; x++)
                run.codes[c][x] = floats ? row[x * s.numbers + c] / s.network.range + s.network.mean[c]
                                         : (row[x * s.numbers + c] + s.shift[c]) * s.gain;
        return put_run(s, y, run);
    }
    for (int j = run.first; j < run.last; j++)
        std::fill_n(run.codes[j], count, s.offset[j]);
    if (!chroma)
        add_numbers(s, numbers.at(y), run);
    else if (any_number(s, 1) || any_number(s, 2))
        add_averages(s, y, numbers, run);
    add_codes(s, y, run);
    put_run(s, y, run);
}

void store_runs(const Storing &s, int y, const NumberRows &numbers, int width, int first, int last) {
    for (int x = 0; x < width; x += kRun) {
        Run run{{x, std::min(x + kRun, width)}, first, last, {}};
        store_run(s, y, numbers, run);
    }
}

}  // namespace

void load_row(const Loading &l, int y, float *row) {
    if (l.direct && interleaved(*l.format, l.numbers)) {
        if (l.format->word == Word::u8)
            return load_interleaved<uint8_t>(l, y, row);
        if (l.format->word == Word::u16 && l.format->components[0].bits == 16)
            return load_interleaved<uint16_t>(l, y, row);
    }
    for (int x = 0; x < l.image.width; x += kRun)
        load_run(l, y, {x, std::min(x + kRun, l.image.width)}, row + static_cast<ptrdiff_t>(x) * l.numbers);
}

void store_row(const Storing &s, int y, const NumberRows &numbers) {
    if (s.direct && s.numbers == s.codes && interleaved(*s.format, s.numbers)) {
        if (s.format->word == Word::u8)
            return store_interleaved<uint8_t>(s, y, numbers.at(y));
        if (s.format->word == Word::u16 && s.format->components[0].bits == 16)
            return store_interleaved<uint16_t>(s, y, numbers.at(y));
    }
    store_runs(s, y, numbers, s.image.width, 0, s.format->subsampled() ? 1 : s.codes);
}

void store_chroma_row(const Storing &s, int y, const NumberRows &numbers) {
    store_runs(s, y, numbers, samples_of(s.image.width, s.format->sub_x, 1), 1, 3);
}

void store_alpha_row(const Storing &s, int y) {
    const Format &from = *s.input_format, &to = *s.format;
    if (!to.components[kAlpha].there)
        return;
    const float white = to.components[kAlpha].white();
    const SampleRow out = sample_row(s.image, to, kAlpha, y);
    for (int x = 0; x < s.image.width; x += kRun) {
        const Span run{x, std::min(x + kRun, s.image.width)};
        float alpha[kRun];
        std::fill_n(alpha, run.count(), white);
        if (from.has_alpha() && to.has_alpha()) {
            const Resampling &columns = s.ways[false][false].columns, &rows = s.ways[false][false].rows;
            const Span in = source_of(columns, run);
            float down[kReach] = {}, codes[kReach];
            for (int k = 0; k < rows.taps; k++) {
                const int row = inside(rows.first_tap(y) + k, s.input.height, Edge::repeated);
                fetch_around(sample_row(s.input, from, kAlpha, row), in.begin, in.end, Edge::repeated, codes);
                add_weighted(codes, rows.taps_of(y)[k], in.count(), down);
            }
            resample(columns, down, in, run, alpha);
            const float ratio = white / from.components[kAlpha].white();
            for (int i = 0; i < run.count(); i++)
                alpha[i] = std::clamp(alpha[i] * ratio, 0.0f, white);
        }
        put(out, run.begin, run.end, alpha);
    }
}

}  // namespace slimscale::runtime::cpu
