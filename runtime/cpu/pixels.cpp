#include "runtime/cpu/pixels.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>

namespace slimscale::runtime {

namespace {

template <typename Sample>
Sample *row_of(const slimscale_image &image, int plane, int y) {
    return reinterpret_cast<Sample *>(static_cast<unsigned char *>(image.planes[plane]) + y * image.strides[plane]);
}

template <typename Sample>
void load_interleaved(const slimscale_image &image, int y, const ColorTransform &t, float white, float *row) {
    const int samples = samples_of(image.format).per_pixel;
    const Sample *in = row_of<Sample>(image, 0, y);
    const float gain = t.range / white;
    for (int x = 0; x < image.width; x++)
        for (int c = 0; c < t.colors; c++)
            row[x * t.colors + c] = static_cast<float>(in[x * samples + c]) * gain - t.mean[c] * t.range;
}

// A NaN is not greater than 0 and becomes black rather than undefined behaviour.
int to_sample(float value, float white) {
    return static_cast<int>(std::min(std::max(0.0f, value), white) + 0.5f);
}

constexpr int kRun = 48;  // samples: whole pixels of 1 or 3 colors, and whole vectors

// Not inlined, g++ 12 makes vectors of it.
[[gnu::noinline]] void round_run(const float *__restrict row, const float *__restrict shifts, float gain, float white,
                                 int *__restrict samples) {
    for (int i = 0; i < kRun; i++)
        samples[i] = to_sample((row[i] + shifts[i]) * gain, white);
}

// Samples side by side, kRun at a time.
template <typename Sample>
void store_dense(const float *row, int count, const ColorTransform &t, float gain, float white, Sample *out) {
    float shifts[kRun];
    for (int i = 0; i < kRun; i++)
        shifts[i] = t.mean[i % t.colors] * t.range;
    int first = 0;
    for (; first + kRun <= count; first += kRun) {
        int samples[kRun];
        round_run(row + first, shifts, gain, white, samples);
        for (int i = 0; i < kRun; i++)
            out[first + i] = static_cast<Sample>(samples[i]);
    }
    for (int i = 0; first + i < count; i++)
        out[first + i] = static_cast<Sample>(to_sample((row[first + i] + shifts[i]) * gain, white));
}

template <typename Sample>
void store_interleaved(const slimscale_image &image, int y, const ColorTransform &t, float white, const float *row) {
    const int samples = samples_of(image.format).per_pixel;
    Sample *out = row_of<Sample>(image, 0, y);
    const float gain = white / t.range;
    if (samples == t.colors)
        return store_dense(row, image.width * samples, t, gain, white, out);
    for (int x = 0; x < image.width; x++)
        for (int c = 0; c < t.colors; c++)
            out[x * samples + c] =
                static_cast<Sample>(to_sample((row[x * t.colors + c] + t.mean[c] * t.range) * gain, white));
}

// Weights of the four neighbours of output phase p at scale s: Keys' cubic at a = -0.5.
void cubic_weights(int phase, int scale, int *first, float weights[4]) {
    const double position = (phase + 0.5) / scale - 0.5;
    *first = static_cast<int>(std::floor(position)) - 1;
    for (int k = 0; k < 4; k++) {
        const double d = std::fabs(position - (*first + k));
        weights[k] = static_cast<float>(d <= 1 ? (1.5 * d - 2.5) * d * d + 1 : ((-0.5 * d + 2.5) * d - 4) * d + 2);
    }
}

template <typename Sample>
void alpha_row(const slimscale_image &input, const slimscale_image &output, int scale, int y, float white) {
    const int samples = samples_of(output.format).per_pixel;  // alpha is the last one
    int first_row = 0;
    float vertical[4];
    cubic_weights(y % scale, scale, &first_row, vertical);
    const Sample *rows[4];
    for (int k = 0; k < 4; k++)
        rows[k] = row_of<Sample>(input, 0, std::clamp(y / scale + first_row + k, 0, input.height - 1));
    Sample *out = row_of<Sample>(output, 0, y);
    for (int phase = 0; phase < scale; phase++) {
        int first = 0;
        float horizontal[4];
        cubic_weights(phase, scale, &first, horizontal);
        for (int x = 0; x < input.width; x++) {
            float sum = 0;
            for (int k = 0; k < 4; k++) {
                const int column = std::clamp(x + first + k, 0, input.width - 1);
                float down = 0;
                for (int j = 0; j < 4; j++)
                    down += vertical[j] * static_cast<float>(rows[j][column * samples + samples - 1]);
                sum += horizontal[k] * down;
            }
            out[(x * scale + phase) * samples + samples - 1] = static_cast<Sample>(std::clamp(sum, 0.0f, white) + 0.5f);
        }
    }
}

}  // namespace

void load_row(const slimscale_image &image, int y, const ColorTransform &t, float *row) {
    if (image.format == SLIMSCALE_PLANAR_F32) {
        for (int c = 0; c < t.colors; c++) {
            const float *in = row_of<float>(image, c, y);
            for (int x = 0; x < image.width; x++)
                row[x * t.colors + c] = (in[x] - t.mean[c]) * t.range;
        }
    } else if (samples_of(image.format).bytes == 1) {
        load_interleaved<uint8_t>(image, y, t, 255.0f, row);
    } else {
        load_interleaved<uint16_t>(image, y, t, 65535.0f, row);
    }
}

void store_row(const slimscale_image &image, int y, const ColorTransform &t, const float *row) {
    if (image.format == SLIMSCALE_PLANAR_F32) {
        for (int c = 0; c < t.colors; c++) {
            float *out = row_of<float>(image, c, y);
            for (int x = 0; x < image.width; x++)
                out[x] = row[x * t.colors + c] / t.range + t.mean[c];
        }
    } else if (samples_of(image.format).bytes == 1) {
        store_interleaved<uint8_t>(image, y, t, 255.0f, row);
    } else {
        store_interleaved<uint16_t>(image, y, t, 65535.0f, row);
    }
}

void upscale_alpha_row(const slimscale_image &input, const slimscale_image &output, int scale, int y) {
    if (samples_of(input.format).bytes == 1)
        alpha_row<uint8_t>(input, output, scale, y, 255.0f);
    else
        alpha_row<uint16_t>(input, output, scale, y, 65535.0f);
}

}  // namespace slimscale::runtime
