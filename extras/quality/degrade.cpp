#include "extras/quality/degrade.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/numbers.h"
#include "base/text.h"
#include "extras/images/codecs.h"

namespace slimscale::quality {
namespace {

using base::Random;
using images::Image;

struct KindFacts {
    const char *name;
    DegradationKind kind;
    double least, most;  // strengths
};

constexpr std::array<KindFacts, 6> kKinds{{{"blur", DegradationKind::blur, 0, 8},
                                           {"noise", DegradationKind::noise, 0, 255},
                                           {"poisson", DegradationKind::poisson, 1, 1e6},
                                           {"jpeg", DegradationKind::jpeg, 1, 100},
                                           {"jpeg420", DegradationKind::jpeg420, 1, 100},
                                           {"jpeg444", DegradationKind::jpeg444, 1, 100}}};

// ---- Text ----

bool parse_number(const std::string &text, double &value) {
    return base::parse(text, &value) && std::isfinite(value);
}

Result<Degradation> parse_one(const std::string &text) {
    const Error wrong{
        base::in_quotes(text) +
        " is no degradation: give blur, noise, poisson, jpeg, jpeg420 or jpeg444 with a strength, such as "
        "\"noise=5\" or \"jpeg=60-95:0.5\", or photo"};
    const size_t equals = text.find('=');
    if (equals == std::string::npos)
        return wrong;
    const auto facts = std::find_if(kKinds.begin(), kKinds.end(),
                                    [&](const KindFacts &k) { return text.substr(0, equals) == k.name; });
    if (facts == kKinds.end())
        return wrong;
    Degradation result{facts->kind};
    std::string strengths = text.substr(equals + 1);
    if (const size_t colon = strengths.find(':'); colon != std::string::npos) {
        if (!parse_number(strengths.substr(colon + 1), result.share))
            return wrong;
        strengths.resize(colon);
    }
    const size_t dash = strengths.find('-');
    if (!parse_number(strengths.substr(0, dash), result.low))
        return wrong;
    result.high = result.low;
    if (dash != std::string::npos && !parse_number(strengths.substr(dash + 1), result.high))
        return wrong;
    if (result.low < facts->least || result.high > facts->most || result.low > result.high)
        return Error{base::in_quotes(text) + ": the strength of " + facts->name + " lies between " +
                     std::to_string(static_cast<int>(facts->least)) + " and " +
                     std::to_string(static_cast<int>(facts->most)) + ", the smaller number first"};
    if (!(result.share >= 0 && result.share <= 1))
        return Error{base::in_quotes(text) + ": the share of pictures, behind the colon, lies between 0 and 1"};
    return result;
}

// ---- Pictures ----

uint8_t to_8_bits(double value) {
    return static_cast<uint8_t>(std::lround(std::clamp(value, 0.0, 255.0)));
}

int mirrored(int i, int size) {
    const int period = 2 * size;
    i = ((i % period) + period) % period;
    return i < size ? i : period - 1 - i;
}

std::vector<double> gaussian(double deviation) {
    const int radius = static_cast<int>(std::ceil(4 * deviation));
    std::vector<double> kernel;
    double sum = 0;
    for (int i = -radius; i <= radius; i++) {
        kernel.push_back(std::exp(-0.5 * i * i / (deviation * deviation)));
        sum += kernel.back();
    }
    for (double &tap : kernel)
        tap /= sum;
    return kernel;
}

// One pass of a separable filter, along x or y. Borders are mirrored.
void blur_lines(const std::vector<double> &kernel, const Image &shape, bool along_x, std::vector<double> &samples) {
    const std::vector<double> in = samples;
    const int radius = static_cast<int>(kernel.size()) / 2, channels = shape.channels;
    const double *center = &kernel[kernel.size() / 2];
    for (int y = 0; y < shape.height; y++)
        for (int x = 0; x < shape.width; x++)
            for (int c = 0; c < channels; c++) {
                double sum = 0;
                for (int i = -radius; i <= radius; i++) {
                    const int at_x = along_x ? mirrored(x + i, shape.width) : x;
                    const int at_y = along_x ? y : mirrored(y + i, shape.height);
                    sum += center[i] * in[(static_cast<size_t>(at_y) * shape.width + at_x) * channels + c];
                }
                samples[(static_cast<size_t>(y) * shape.width + x) * channels + c] = sum;
            }
}

void blur(double deviation, Image &picture) {
    constexpr double kNothing = 0.05;  // below it a neighbor's weight is less than 1e-80
    if (deviation < kNothing)
        return;
    const std::vector<double> kernel = gaussian(deviation);
    std::vector<double> samples(picture.samples.begin(), picture.samples.end());
    blur_lines(kernel, picture, /*along_x=*/true, samples);
    blur_lines(kernel, picture, /*along_x=*/false, samples);
    std::transform(samples.begin(), samples.end(), picture.samples.begin(), to_8_bits);
}

void add_noise(double deviation, Random &random, Image &picture) {
    for (uint8_t &sample : picture.samples)
        sample = to_8_bits(sample + deviation * random.normal());
}

void add_shot_noise(double photons, Random &random, Image &picture) {
    for (uint8_t &sample : picture.samples)
        sample = to_8_bits(255 / photons * static_cast<double>(random.poisson(sample * photons / 255)));
}

Status compress(double quality, images::Subsampling subsampling, Image &picture) {
    std::vector<uint8_t> bytes;
    const images::WriteOptions options{static_cast<int>(std::lround(quality)), subsampling};
    SLIMSCALE_RETURN_IF_ERROR(images::encode_image(picture, images::FileFormat::jpeg, options, bytes));
    return images::decode_jpeg(bytes, picture);
}

double drawn_strength(const Degradation &d, Random &random) {
    if (d.kind == DegradationKind::poisson)
        return std::exp(random.uniform(std::log(d.low), std::log(d.high)));
    return random.uniform(d.low, d.high);
}

Status apply(const Degradation &d, Random &random, Image &picture) {
    const double strength = drawn_strength(d, random);
    switch (d.kind) {
    case DegradationKind::blur:
        blur(strength, picture);
        break;
    case DegradationKind::noise:
        add_noise(strength, random, picture);
        break;
    case DegradationKind::poisson:
        add_shot_noise(strength, random, picture);
        break;
    case DegradationKind::jpeg:
        return compress(strength, random.below(2) == 0 ? images::Subsampling::none : images::Subsampling::halved,
                        picture);
    case DegradationKind::jpeg420:
        return compress(strength, images::Subsampling::halved, picture);
    case DegradationKind::jpeg444:
        return compress(strength, images::Subsampling::none, picture);
    }
    return Status();
}

}  // namespace

Result<std::vector<Degradation>> parse_degradations(const std::string &text) {
    if (text == "photo")
        return parse_degradations(kPhotoMixture);
    std::vector<Degradation> result;
    for (size_t begin = 0; begin <= text.size();) {
        const size_t end = std::min(text.find(',', begin), text.size());
        SLIMSCALE_ASSIGN_OR_RETURN(const Degradation one, parse_one(text.substr(begin, end - begin)));
        result.push_back(one);
        begin = end + 1;
    }
    return result;
}

Result<Image> degrade(Image picture, const std::vector<Degradation> &degradations, Random &random) {
    std::vector<Degradation> chosen;
    for (const Degradation &d : degradations)
        if (random.uniform() < d.share)
            chosen.push_back(d);
    random.shuffle(chosen);
    for (const Degradation &d : chosen)
        SLIMSCALE_RETURN_IF_ERROR(apply(d, random, picture));
    return picture;
}

}  // namespace slimscale::quality
