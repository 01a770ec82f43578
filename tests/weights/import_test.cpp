// The importer against each convention's names, which are written out for a small network: every tensor must get its
// place.
#include "weights/import.h"

#include <cmath>

#include "catch.h"
#include "networks/reference/reference.h"
#include "support.h"
#include "weights/metadata.h"

using namespace slimscale;
using namespace slimscale::weights;

using networks::Family;
using networks::Network;

namespace {

using Names = std::map<std::string, std::string>;  // ours -> theirs

const Names kEdsrPytorch = {
    {"head", "head.0"},
    {"body.0.conv1", "body.0.body.0"},
    {"body.0.conv2", "body.0.body.2"},
    {"body.1.conv1", "body.1.body.0"},
    {"body.1.conv2", "body.1.body.2"},
    {"body.end", "body.2"},
    {"up.0", "tail.0.0"},
    {"up.1", "tail.0.2"},
    {"tail", "tail.1"},
};

const Names kCsdEdsr = {
    {"head", "head"},
    {"body.0.conv1", "body.0.conv1"},
    {"body.0.conv2", "body.0.conv2"},
    {"body.1.conv1", "body.1.conv1"},
    {"body.1.conv2", "body.1.conv2"},
    {"body.end", "body_conv"},
    {"up.0", "upsampler.blocks.0"},
    {"up.1", "upsampler.blocks.1"},
    {"tail", "tail_conv"},
};

Names rcan_pytorch() {
    Names names = {{"head", "head.0"},
                   {"groups.0.end", "body.0.body.2"},
                   {"groups.1.end", "body.1.body.2"},
                   {"body.end", "body.2"},
                   {"up.0", "tail.0.0"},
                   {"up.1", "tail.0.2"},
                   {"tail", "tail.1"}};
    for (const std::string g : {"0", "1"})
        for (const std::string b : {"0", "1"}) {
            const std::string ours = "groups." + g + ".blocks." + b, theirs = "body." + g + ".body." + b + ".body";
            names[ours + ".conv1"] = theirs + ".0";
            names[ours + ".conv2"] = theirs + ".2";
            names[ours + ".attention.squeeze"] = theirs + ".3.conv_du.0";
            names[ours + ".attention.expand"] = theirs + ".3.conv_du.2";
        }
    return names;
}

Names csd_rcan() {
    Names names = {
        {"head", "head_conv"},     {"groups.0.end", "body.0.conv"}, {"groups.1.end", "body.1.conv"},
        {"body.end", "body_conv"}, {"up.0", "upsampler.blocks.0"},  {"up.1", "upsampler.blocks.1"},
        {"tail", "tail_conv"},
    };
    for (const std::string g : {"0", "1"})
        for (const std::string b : {"0", "1"}) {
            const std::string ours = "groups." + g + ".blocks." + b, theirs = "body." + g + ".body." + b;
            names[ours + ".conv1"] = theirs + ".body.0";
            names[ours + ".conv2"] = theirs + ".body.1";
            names[ours + ".attention.squeeze"] = theirs + ".caLayer.conv_du.0";
            names[ours + ".attention.expand"] = theirs + ".caLayer.conv_du.1";
        }
    return names;
}

// up: "up" for one scale; "up2", "up3" or "up4" in the multi-scale form.
Names carn_m(const std::string &up) {
    Names names = {{"head", "entry"},
                   {"tail", "exit"},
                   {"up.0", "upsample." + up + ".body.0"},
                   {"up.1", "upsample." + up + ".body.3"}};
    const std::vector<std::string> one_based = {"1", "2"};
    for (size_t b = 0; b < 2; b++) {
        const std::string ours = "blocks." + std::to_string(b), theirs = "b" + one_based[b];
        names[ours + ".unit.conv1"] = theirs + ".b1.body.0";
        names[ours + ".unit.conv2"] = theirs + ".b1.body.2";
        names[ours + ".unit.pointwise"] = theirs + ".b1.body.4";
        names[ours + ".merge.0"] = theirs + ".c1.body.0";
        names[ours + ".merge.1"] = theirs + ".c2.body.0";
        names["merge." + std::to_string(b)] = "c" + one_based[b] + ".body.0";
    }
    return names;
}

Names carn_dense() {
    Names names = {{"head", "entry"}, {"tail", "exit"}, {"up.0", "upsample.up.body.0"}};
    for (const auto &[ours, theirs] : std::map<std::string, std::string>{{"blocks.0", "b1"}, {"blocks.1", "b2"}}) {
        for (const auto &[unit, their_unit] : std::map<std::string, std::string>{{"0", "1"}, {"1", "2"}}) {
            names[ours + ".units." + unit + ".conv1"] = theirs + ".b" + their_unit + ".body.0";
            names[ours + ".units." + unit + ".conv2"] = theirs + ".b" + their_unit + ".body.2";
            names[ours + ".merge." + unit] = theirs + ".c" + their_unit + ".body.0";
        }
    }
    names["merge.0"] = "c1.body.0";
    names["merge.1"] = "c2.body.0";
    return names;
}

// `count` cascading blocks of as many units.
Names csd_carn(int count) {
    Names names = {{"head", "entry"}, {"up.0", "upsample.blocks.0"}, {"up.1", "upsample.blocks.1"}, {"tail", "exit"}};
    for (int b = 0; b < count; b++) {
        const std::string ours = "blocks." + std::to_string(b), theirs = "b" + std::to_string(b + 1);
        for (int u = 0; u < count; u++) {
            const std::string unit = ours + ".units." + std::to_string(u), one_based = std::to_string(u + 1);
            names[unit + ".conv1"] = theirs + ".b" + one_based + ".conv1";
            names[unit + ".conv2"] = theirs + ".b" + one_based + ".conv2";
            names[ours + ".merge." + std::to_string(u)] = theirs + ".c" + one_based + ".conv";
        }
        names["merge." + std::to_string(b)] = "c" + std::to_string(b + 1) + ".conv";
    }
    return names;
}

const Names kBasicSrEdsr = {
    {"head", "conv_first"},           {"body.0.conv1", "body.0.conv1"}, {"body.0.conv2", "body.0.conv2"},
    {"body.1.conv1", "body.1.conv1"}, {"body.1.conv2", "body.1.conv2"}, {"body.end", "conv_after_body"},
    {"up.0", "upsample.0"},           {"up.1", "upsample.2"},           {"tail", "conv_last"},
};

Names mmagic_edsr() {
    Names names = kBasicSrEdsr;
    names["up.0"] = "upsample.0.upsample_conv";
    names["up.1"] = "upsample.1.upsample_conv";
    return names;
}

Names basicsr_rcan() {
    Names names = {{"head", "conv_first"},
                   {"groups.0.end", "body.0.conv"},
                   {"groups.1.end", "body.1.conv"},
                   {"body.end", "conv_after_body"},
                   {"up.0", "upsample.0"},
                   {"up.1", "upsample.2"},
                   {"tail", "conv_last"}};
    for (const std::string g : {"0", "1"})
        for (const std::string b : {"0", "1"}) {
            const std::string ours = "groups." + g + ".blocks." + b,
                              theirs = "body." + g + ".residual_group." + b + ".rcab.";
            names[ours + ".conv1"] = theirs + "0";
            names[ours + ".conv2"] = theirs + "2";
            names[ours + ".attention.squeeze"] = theirs + "3.attention.1";
            names[ours + ".attention.expand"] = theirs + "3.attention.3";
        }
    return names;
}

void add_shift(Safetensors *file, const std::string &name, const Network &network, double sign) {
    file->tensors[name + ".weight"] = {{3, 3, 1, 1}, {1, 0, 0, 0, 1, 0, 0, 0, 1}};
    Tensor &bias = file->tensors[name + ".bias"];
    bias.shape = {3};
    for (const double mean : network.mean)
        bias.data.push_back(static_cast<float>(sign * mean * network.range));
}

// `model` as its authors' checkpoint, including the mean shift.
Safetensors checkpoint_of(const ModelFile &model, const Names &names, const std::string &prefix = "",
                          const std::string &shifter = "") {
    Safetensors file;
    for (const auto &[name, tensor] : model.tensors) {
        const size_t dot = name.rfind('.');
        file.tensors[prefix + names.at(name.substr(0, dot)) + name.substr(dot)] = tensor;
    }
    add_shift(&file, prefix + "sub_mean" + shifter, model.network, -1);
    add_shift(&file, prefix + "add_mean" + shifter, model.network, 1);
    return file;
}

// Without tensors that shift the mean, which BasicSR and mmagic have as constants.
Safetensors without_shift(const ModelFile &model, const Names &names, const std::string &prefix = "") {
    Safetensors file = checkpoint_of(model, names, prefix);
    for (const char *name : {"sub_mean.weight", "sub_mean.bias", "add_mean.weight", "add_mean.bias"})
        file.tensors.erase(prefix + name);
    return file;
}

// `file` with every value rounded to `digits` binary digits, as in half precision or another type.
Safetensors rounded(Safetensors file, int digits) {
    for (auto &[name, tensor] : file.tensors) {
        tensor.rounding = std::ldexp(1.0, -digits);
        for (float &value : tensor.data) {
            int exponent = 0;
            const double fraction = std::frexp(value, &exponent);
            value = static_cast<float>(std::ldexp(std::nearbyint(std::ldexp(fraction, digits)), exponent - digits));
        }
    }
    return file;
}

void add_all(Safetensors *file, const Safetensors &other) {
    for (const auto &[name, tensor] : other.tensors)
        file->tensors[name] = tensor;
}

ImportOptions named() {
    ImportOptions options;
    options.name = "small";
    return options;
}

void check_imported(const Safetensors &file, const ImportOptions &options, const ModelFile &expected) {
    const Result<ModelFile> model = import_checkpoint(file, options);
    REQUIRE(model.error() == "");
    CHECK(model->network.family == expected.network.family);
    CHECK(model->network.scale == expected.network.scale);
    CHECK(model->network.channels == expected.network.channels);
    CHECK(model->network.blocks == expected.network.blocks);
    CHECK(model->network.residual_groups == expected.network.residual_groups);
    CHECK(model->network.reduction == expected.network.reduction);
    CHECK(model->network.group_channels == expected.network.group_channels);
    CHECK(model->network.recursive == expected.network.recursive);
    CHECK(model->network.linear_residuals == expected.network.linear_residuals);
    CHECK(model->network.range == expected.network.range);
    CHECK(model->network.res_scale == expected.network.res_scale);
    REQUIRE(model->tensors.size() == expected.tensors.size());
    for (const auto &[name, tensor] : expected.tensors) {
        INFO(name);
        CHECK(model->tensors.at(name).data == tensor.data);
    }
}

std::string error_of(const Safetensors &file, const ImportOptions &options) {
    const Result<ModelFile> model = import_checkpoint(file, options);
    INFO(model.error());
    return model.error();
}

bool contains(const std::string &text, const std::string &part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("EDSR by the names of EDSR-PyTorch and CSD") {
    for (const int scale : {2, 3, 4}) {
        const ModelFile model = make_model(small_network(Family::edsr, scale));
        ImportOptions options = named();
        options.res_scale = 0.1;
        check_imported(checkpoint_of(model, kEdsrPytorch), options, model);
        check_imported(checkpoint_of(model, kEdsrPytorch, "module."), options, model);
        check_imported(checkpoint_of(model, kEdsrPytorch, "module.model."), options, model);
        check_imported(checkpoint_of(model, kCsdEdsr), options, model);
    }
}

TEST_CASE("RCAN by the names of EDSR-PyTorch and CSD") {
    for (const int scale : {2, 3, 4}) {
        const ModelFile model = make_model(small_network(Family::rcan, scale));
        check_imported(checkpoint_of(model, rcan_pytorch()), named(), model);
        check_imported(checkpoint_of(model, csd_rcan()), named(), model);
    }
}

TEST_CASE("EDSR and RCAN by the names of BasicSR and mmagic, whose mean is no tensor") {
    for (const int scale : {2, 3, 4}) {
        ModelFile model = make_model(small_network(Family::edsr, scale));
        ImportOptions options = named();
        options.res_scale = 0.1;
        check_imported(without_shift(model, kBasicSrEdsr), options, model);
        check_imported(without_shift(model, kBasicSrEdsr, "params."), options, model);
        const ModelFile rcan = make_model(small_network(Family::rcan, scale));
        check_imported(without_shift(rcan, basicsr_rcan(), "params_ema."), named(), rcan);
        model.network.range = 1;
        check_imported(without_shift(model, mmagic_edsr(), "generator."), options, model);
    }
}

TEST_CASE("names are unwrapped by rule, whatever stands before them") {
    const ModelFile model = make_model(small_network(Family::edsr)), rcan = make_model(small_network(Family::rcan));
    ImportOptions options = named();
    options.res_scale = 0.1;
    for (const std::string prefix : {"",
                                     "module.",
                                     "model.",
                                     "net.",
                                     "_orig_mod.",
                                     "module._orig_mod.",
                                     "_orig_mod.module.",
                                     "state_dict.",
                                     "state_dict.model.",
                                     "params.",
                                     "params_ema.",
                                     "model_state_dict.module.",
                                     "generator.",
                                     "generator_ema.",
                                     "netG.module.",
                                     "model.net_g.",
                                     "a.b.c.d.e.f.g.",
                                     "0.",
                                     "head.",
                                     "body.",
                                     "body.0."}) {
        INFO(prefix);
        check_imported(checkpoint_of(model, kEdsrPytorch, prefix), options, model);
        check_imported(checkpoint_of(model, kCsdEdsr, prefix), options, model);
        check_imported(checkpoint_of(rcan, rcan_pytorch(), prefix), named(), rcan);
        check_imported(without_shift(rcan, basicsr_rcan(), prefix), named(), rcan);
    }
    // Compiled or wrapped part by part.
    Safetensors parts = checkpoint_of(model, kEdsrPytorch);
    Safetensors compiled;
    for (const auto &[name, tensor] : parts.tensors)
        compiled.tensors["_orig_mod." + name.substr(0, name.find('.')) + "._fsdp_wrapped_module" +
                         name.substr(name.find('.'))] = tensor;
    check_imported(compiled, options, model);
}

TEST_CASE("averaged weights come first, and what is ambiguous is asked for") {
    const ModelFile model = make_model(small_network(Family::edsr));
    ModelFile other = model;
    for (auto &[name, tensor] : other.tensors)
        for (float &value : tensor.data)
            value = -value;
    ImportOptions options = named();
    options.res_scale = 0.1;
    const auto both = [&](const std::string &first, const std::string &second) {
        Safetensors file = checkpoint_of(model, kEdsrPytorch, first);
        add_all(&file, checkpoint_of(other, kEdsrPytorch, second));
        return file;
    };
    for (const auto &[averaged, plain] : std::map<std::string, std::string>{{"params_ema.", "params."},
                                                                            {"generator_ema.", "generator."},
                                                                            {"ema.", "model."},
                                                                            {"ema_model.module.", "online_model."},
                                                                            {"state_dict-ema.", "state_dict."},
                                                                            {"net_g_ema.", "net_g."}}) {
        INFO(averaged);
        const Safetensors file = both(averaged, plain);
        check_imported(file, options, model);
        ImportReport report;
        REQUIRE(import_checkpoint(file, options, &report).error() == "");
        CHECK(report.prefix == averaged);
        CHECK(report.rejected == std::vector<std::string>{plain});
        CHECK(report.layout == "EDSR of EDSR-PyTorch");
        CHECK(report.skipped.size() == file.tensors.size() / 2);
        ImportOptions picked = options;
        picked.prefix = plain.substr(0, plain.size() - 1);
        check_imported(file, picked, other);
        picked.prefix = plain;
        check_imported(file, picked, other);
    }
    const Safetensors two = both("student.", "teacher.");
    CHECK(
        contains(error_of(two, options), "several networks, under \"student.\" (EDSR of EDSR-PyTorch), \"teacher.\""));
    CHECK(contains(error_of(two, options), "--prefix"));
    options.prefix = "pupil";
    CHECK(contains(error_of(two, options),
                   "no known network has the prefix \"pupil.\"; there is one under \"student.\""));
    options.prefix = "teacher";
    check_imported(two, options, other);
    options.prefix = "";
    check_imported(both("", "teacher."), options, model);
    // "schema" has the letters of "ema" but not the word.
    options.prefix.reset();
    CHECK(contains(error_of(both("schema.", "teacher."), options), "several networks"));
}

TEST_CASE("tensors that no convolution uses are skipped and listed") {
    const ModelFile model = make_model(small_network(Family::edsr));
    ImportOptions options = named();
    options.res_scale = 0.1;
    Safetensors file = checkpoint_of(model, kEdsrPytorch, "net.");
    const std::vector<std::string> others = {"discriminator.conv.weight", "mean",
                                             "net.body.0.total_ops",      "net.mean",
                                             "net.num_updates",           "net.vgg.features.0.weight",
                                             "optimizer.state.0.exp_avg", "step"};
    for (const std::string &name : others)
        file.tensors[name] = {{1}, {5}};
    file.tensors["net.mean"] = {{1, 3, 1, 1}, {1, 2, 3}};
    check_imported(file, options, model);
    ImportReport report;
    REQUIRE(import_checkpoint(file, options, &report).error() == "");
    CHECK(report.skipped == others);
    CHECK(report.prefix == "net.");
    CHECK(report.rejected.empty());
}

TEST_CASE("means are compared at the precision that they are stored in") {
    // 16 files: four networks, two ranges, two types.
    for (const double range : {1.0, 255.0})
        for (const int digits : {11, 8})
            for (const Names &names : {kEdsrPytorch, kCsdEdsr, rcan_pytorch(), csd_rcan()}) {
                const bool is_rcan = names.count("groups.0.end") != 0;
                Network network = small_network(is_rcan ? Family::rcan : Family::edsr);
                network.range = range;
                const ModelFile model = make_model(network);
                ImportOptions options = named();
                if (!is_rcan)
                    options.res_scale = 0.1;
                const Safetensors file = rounded(checkpoint_of(model, names), digits);
                const Result<ModelFile> imported = import_checkpoint(file, options);
                CAPTURE(range, digits);
                REQUIRE(imported.error() == "");
                CHECK(imported->network.range == range);
                CHECK(imported->network.mean == Network().mean);
                // In single precision the same values are those of another mean.
                Safetensors single = file;
                for (auto &[name, tensor] : single.tensors)
                    tensor.rounding = 0x1p-24;
                if (digits == 8) {
                    const Result<ModelFile> other = import_checkpoint(single, options);
                    REQUIRE(other.error() == "");
                    CHECK(other->network.range == range);
                    CHECK(other->network.mean[0] == -single.tensors["sub_mean.bias"].data[0] / range);
                }
                // What is not this mean contradicts an option that says so.
                Safetensors other = file;
                other.tensors["add_mean.bias"].data[1] *= 1.02f;
                options.mean = Network().mean;
                CHECK(contains(error_of(other, options), "\"add_mean.bias\" shifts by"));
            }
}

TEST_CASE("networks of no preset's size are named by it") {
    const auto name_of = [](const Safetensors &file, const ImportOptions &options) {
        const Result<ModelFile> imported = import_checkpoint(file, options);
        REQUIRE(imported.error() == "");
        return imported->network.name;
    };
    ImportOptions options;
    CHECK(name_of(checkpoint_of(make_model(small_network(Family::rcan)), rcan_pytorch()), options) == "rcan_g2_b2_c16");
    CHECK(name_of(checkpoint_of(make_model(small_network(Family::carn)), carn_m("up"), "", ".shifter"), options) ==
          "carn_m_b2_c32");
    options.res_scale = 1;
    CHECK(name_of(checkpoint_of(make_model(small_network(Family::edsr)), kEdsrPytorch), options) == "edsr_b2_c16");
}

TEST_CASE("what is refused is told what it resembles") {
    ImportOptions options = named();
    options.res_scale = 0.1;
    Safetensors file = without_shift(make_model(small_network(Family::edsr)), kBasicSrEdsr, "params.");
    file.tensors.erase("params.conv_after_body.weight");
    CHECK(contains(error_of(file, options), "names of no known checkpoint; nearest comes EDSR of BasicSR under "
                                            "\"params.\", which has \"conv_after_body\" too; understood are"));
    Safetensors span;
    for (const char *name : {"conv_1.sk.weight", "block_1.c1_r.sk.weight", "upsampler.0.weight"})
        span.tensors[name] = {{1}, {1}};
    CHECK(
        contains(error_of(span, options), "no known checkpoint; understood are EDSR of EDSR-PyTorch, EDSR of BasicSR"));
    // PCARN-M by its authors' names.
    Safetensors pcarn;
    for (const char *name : {"entry", "exit", "b1.b1.conv1", "b1.b1.pw", "c1.body.0", "upsample.up2.body.0"})
        pcarn.tensors[std::string(name) + ".weight"] = {{1}, {1}};
    CHECK(contains(error_of(pcarn, options),
                   "nearest comes CARN of CARN-pytorch, which has \"b1.b1.body.0\" too; or CARN "
                   "of CSD, which has \"c1.conv\", \"upsample.blocks.0\" too"));
    // A compact network with ReLUs.
    Safetensors relu;
    relu.tensors["body.0.weight"] = {{16, 3, 3, 3}, std::vector<float>(432)};
    relu.tensors["body.2.weight"] = {{12, 16, 3, 3}, std::vector<float>(1728)};
    CHECK(contains(error_of(relu, options), "nearest comes SRVGGNetCompact of Real-ESRGAN, which has \"body.1\" too"));
}

TEST_CASE("CARN and CARN-M by their authors' names") {
    for (const int scale : {2, 3, 4}) {
        const ModelFile model = make_model(small_network(Family::carn, scale));
        check_imported(checkpoint_of(model, carn_m("up"), "", ".shifter"), named(), model);
    }
    Network dense = small_network(Family::carn);
    dense.group_channels = 0;
    dense.recursive = false;
    const ModelFile model = make_model(dense);
    check_imported(checkpoint_of(model, carn_dense(), "", ".shifter"), named(), model);
}

TEST_CASE("One up-sampler of a multi-scale CARN") {
    Safetensors file;
    std::map<int, ModelFile> models;
    for (const int scale : {2, 3, 4}) {
        models[scale] = make_model(small_network(Family::carn, scale));
        const Safetensors one = checkpoint_of(models[scale], carn_m("up" + std::to_string(scale)), "", ".shifter");
        for (const auto &[name, tensor] : one.tensors)
            file.tensors[name] = tensor;
    }
    // Everything except the up-samplers is shared, and has the last scale's values.
    for (const int scale : {2, 3, 4}) {
        ImportOptions options = named();
        options.scale = scale;
        ModelFile expected = models[scale];
        for (auto &[name, tensor] : expected.tensors)
            if (name.compare(0, 3, "up.") != 0)
                tensor = models[4].tensors.at(name);
        check_imported(file, options, expected);
    }
    CHECK(contains(error_of(file, named()), "x2, x3, x4; pick one with --scale"));
    file.tensors.erase("upsample.up3.body.0.weight");
    ImportOptions options = named();
    options.scale = 3;
    CHECK(contains(error_of(file, options), "x2, x4; pick one"));
}

TEST_CASE("What the options and the preset say goes into the file") {
    const std::optional<Network> preset = networks::preset("edsr_small", 2);
    REQUIRE(preset);
    ModelFile model = make_model(*preset);
    Names names;
    for (const auto &[name, tensor] : model.tensors)
        names[name.substr(0, name.rfind('.'))] = "";
    for (auto &[ours, theirs] : names)
        theirs = ours == "body.end" ? "body_conv"
                 : ours == "up.0"   ? "upsampler.blocks.0"
                 : ours == "tail"   ? "tail_conv"
                                    : ours;
    const Safetensors file = checkpoint_of(model, names);

    ImportOptions options;
    Result<ModelFile> imported = import_checkpoint(file, options);
    REQUIRE(imported.error() == "");
    CHECK(imported->network.name == "edsr_small");
    CHECK(imported->network.res_scale == preset->res_scale);
    CHECK(imported->network.range == 255);
    CHECK(imported->network.slicing == networks::Slicing::leading);
    CHECK(imported->trained_widths == std::vector<int>{64});

    options.network = "edsr_small";
    options.name = "mine";
    options.slicing = networks::Slicing::per_segment;
    options.res_scale = 0.5;
    options.trained_widths = {16, 64};
    options.license = "MIT";
    options.source = "here";
    options.notes = "none";
    imported = import_checkpoint(file, options);
    REQUIRE(imported.error() == "");
    CHECK(imported->network.name == "mine");
    CHECK(imported->network.slicing == networks::Slicing::per_segment);
    CHECK(imported->network.res_scale == 0.5);
    CHECK(imported->trained_widths == std::vector<int>{16, 64});
    CHECK(imported->license == "MIT");
    CHECK(imported->source == "here");
    CHECK(imported->notes == "none");

    options.network = "edsr_baseline";
    CHECK(contains(error_of(file, options), "holds EDSR with 8 blocks of 64 channels; edsr_baseline is EDSR with 16"));
    options.network = "rcan";
    CHECK(contains(error_of(file, options), "rcan is RCAN with 10 groups of 20 blocks"));
    options.network = "carn";
    CHECK(contains(error_of(file, options), "carn is CARN with 3 blocks"));
    options.network = "srcnn";
    CHECK(contains(error_of(file, options), "choose auto or one of edsr,"));
    options.network = "auto";
    options.scale = 3;
    CHECK(contains(error_of(file, options), "is for x2, not x3"));
    options.scale = 2;
    options.trained_widths = {12};
    CHECK(contains(error_of(file, options), "trained widths"));
}

TEST_CASE("Tensors that are missing, mis-shaped or left over are named") {
    const ModelFile model = make_model(small_network(Family::edsr));
    const Safetensors sound = checkpoint_of(model, kEdsrPytorch);
    ImportOptions options = named();
    options.res_scale = 1;
    const auto error_after = [&](auto &&change) {
        Safetensors file = sound;
        change(file.tensors);
        return error_of(file, options);
    };
    using Tensors = std::map<std::string, Tensor>;
    CHECK(error_after([](Tensors &) {}) == "");
    CHECK(contains(error_after([](Tensors &t) { t.erase("body.1.body.2.bias"); }),
                   "\"body.1.body.2.bias\" of shape (16) is missing"));
    CHECK(contains(error_after([](Tensors &t) { t["body.2.weight"].shape = {16, 16, 9, 1}; }),
                   "\"body.2.weight\" has shape (16, 16, 9, 1); small needs (16, 16, 3, 3)"));
    CHECK(contains(error_after([](Tensors &t) { t["body.1.bn1.weight"] = {{16}, std::vector<float>(16)}; }),
                   "\"body.1.bn1.weight\" of shape (16) does not belong to small: by its other names this is EDSR of "
                   "EDSR-PyTorch"));
    CHECK(contains(error_after([](Tensors &t) { t["conv_hr.weight"] = t["body.2.weight"]; }),
                   "\"conv_hr.weight\" of shape (16, 16, 3, 3) does not belong"));
    CHECK(contains(error_after([](Tensors &t) { t["head.0.weight"].shape = {432}; }), "cannot be built"));
    CHECK(contains(error_after([](Tensors &t) { t.erase("tail.0.0.weight"); }), "cannot be built: scale"));
    CHECK(contains(error_after([](Tensors &t) { t.erase("head.0.weight"); }), "names of no known checkpoint"));
    CHECK(contains(error_of({}, options), "names of no known checkpoint"));
    options.res_scale.reset();
    CHECK(contains(error_of(sound, options), "add --res-scale"));
    options = named();
    options.res_scale = 1;
    options.name = "No";
    CHECK(contains(error_of(sound, options), "cannot be built: name"));
}

TEST_CASE("A shift of the colors that is no mean's, or was trained, is taken in exactly") {
    // By how much the colors shift: as they are, another data set's mean, divided by a standard deviation, trained.
    struct Case {
        const char *title;
        std::vector<float> matrix, offset;  // of values where white is 255
    };
    const std::vector<Case> cases = {
        {"another mean", {1, 0, 0, 0, 1, 0, 0, 0, 1}, {-119.595f, -114.495f, -102.918f}},
        {"deviations", {4, 0, 0, 0, 5, 0, 0, 0, 4.5f}, {-457, -557, -463}},
        {"trained", {1.02f, -.01f, .003f, .02f, .97f, .01f, -.02f, .005f, 1.01f}, {-114.1f, -111.7f, -103.4f}},
    };
    for (const double white : {1.0, 255.0})
        for (const Names &names : {kEdsrPytorch, kCsdEdsr, rcan_pytorch(), carn_m("up")})
            for (const Case &c : cases) {
                const bool is_carn = names.count("merge.0") != 0, is_rcan = names.count("groups.0.end") != 0;
                Network network = small_network(is_carn ? Family::carn : is_rcan ? Family::rcan : Family::edsr);
                network.range = white;
                ModelFile model = make_model(network);
                for (auto &[name, tensor] : model.tensors)
                    for (float &value : tensor.data)
                        value = 0.1f * std::sin(value);
                const std::string shifter = is_carn ? ".shifter" : "";
                Safetensors file = checkpoint_of(model, names, "", shifter);
                const auto scale = static_cast<float>(white / 255);
                for (const char *name : {"sub_mean", "add_mean"}) {
                    file.tensors[name + shifter + ".weight"].data = c.matrix;
                    file.tensors[name + shifter + ".bias"].data = c.offset;
                    for (float &value : file.tensors[name + shifter + ".bias"].data)
                        value *= name[0] == 's' ? scale : -scale;
                }
                ImportOptions options = named();
                if (network.family == Family::edsr)
                    options.res_scale = network.res_scale;
                CAPTURE(c.title, white, family_text(network.family));
                const Result<ModelFile> imported = import_checkpoint(file, options);
                REQUIRE(imported.error() == "");
                CHECK(imported->network.range == white);

                // The network on transformed colors, against what was imported on plain ones.
                reference::Volume image(3, 5, 6);
                for (size_t i = 0; i < image.data.size(); i++)
                    image.data[i] = 0.5 + 0.5 * std::sin(static_cast<double>(7 * i));
                const auto transformed = [&](const reference::Volume &in, double factor, double sign) {
                    reference::Volume out(3, in.height, in.width);
                    const size_t pixels = in.data.size() / 3;
                    for (size_t i = 0; i < pixels; i++)
                        for (size_t to = 0; to < 3; to++) {
                            out.data[to * pixels + i] = sign * c.offset[to] * white / 255;
                            for (size_t from = 0; from < 3; from++)
                                out.data[to * pixels + i] +=
                                    c.matrix[3 * to + from] * factor * in.data[from * pixels + i];
                        }
                    return out;
                };
                const auto weights_of = [](const ModelFile &of) {
                    reference::Weights weights;
                    for (const auto &[name, tensor] : of.tensors)
                        weights[name] = {{tensor.shape.begin(), tensor.shape.end()}, tensor.data};
                    return weights;
                };
                reference::Volume expected =
                    transformed(reference::evaluate(networks::build(network, network.channels), weights_of(model),
                                                    transformed(image, white, 1)),
                                1, -1);
                for (double &value : expected.data)
                    value /= white;
                const reference::Volume upscaled =
                    reference::upscale(imported->network, network.channels, weights_of(*imported), image);
                CHECK(reference::standard_deviation(expected) > 0.01);
                CHECK(reference::max_difference(expected, upscaled) < 1e-4);
            }
}

TEST_CASE("Tensors of types that are not read are skipped where no convolution uses them") {
    const ModelFile model = make_model(small_network(Family::rcan));
    Safetensors file = checkpoint_of(model, rcan_pytorch());
    file.left_out["scale"] = "F8_E4M3";
    check_imported(file, named(), model);
    ImportReport report;
    REQUIRE(import_checkpoint(file, named(), &report).error() == "");
    CHECK(report.skipped == std::vector<std::string>{"scale"});
    file.tensors.erase("body.0.body.0.body.0.weight");
    file.left_out["body.0.body.0.body.0.weight"] = "F8_E5M2";
    CHECK(contains(error_of(file, named()), "tensor \"body.0.body.0.body.0.weight\" has type \"F8_E5M2\", and F64,"));
}

TEST_CASE("The mean shift is checked and dropped") {
    const ModelFile model = make_model(small_network(Family::rcan));
    const Safetensors sound = checkpoint_of(model, rcan_pytorch());
    const auto error_after = [&](const ImportOptions &options, auto &&change) {
        Safetensors file = sound;
        change(file.tensors);
        return error_of(file, options);
    };
    using Tensors = std::map<std::string, Tensor>;
    ImportOptions with_mean = named();
    with_mean.mean = Network().mean;
    CHECK(contains(error_after(with_mean, [](Tensors &t) { t["sub_mean.bias"].data[1] = 0; }),
                   "\"sub_mean.bias\" shifts by 0.0"));
    CHECK(contains(error_after(with_mean, [](Tensors &t) { t["add_mean.bias"].data[2] *= -1; }),
                   "\"add_mean.bias\" shifts by"));
    CHECK(contains(error_after(with_mean, [](Tensors &t) { t["add_mean.weight"].data[1] = 0.5f; }),
                   "\"add_mean.weight\" scales or mixes colors"));
    CHECK(contains(error_after(named(), [](Tensors &t) { t["sub_mean.weight"].data.assign(9, 1); }),
                   "\"sub_mean.weight\" scales or mixes colors"));
    CHECK(contains(error_after(named(), [](Tensors &t) { t["sub_mean.bias"].data = {1, 2, 3}; }),
                   "\"sub_mean.bias\" subtracts -1.0"));
    const auto no_shift = [](Tensors &t) { t["sub_mean.bias"].data = t["add_mean.bias"].data = {0, 0, 0}; };
    CHECK(contains(error_after(named(), no_shift), "does not tell what white is; add --range"));
    ImportOptions with_range = named();
    with_range.range = 255;
    CHECK(error_after(with_range, no_shift) == "");
    CHECK(contains(error_after(named(), [](Tensors &t) { t["add_mean.weight"].data.pop_back(); }),
                   "do not shift three colors"));
    CHECK(contains(error_after(named(), [](Tensors &t) { t["sub_mean.bias"].data.clear(); }),
                   "do not shift three colors"));
    CHECK(contains(error_after(named(), [](Tensors &t) { t.erase("add_mean.weight"); }), "lacks \"add_mean\""));

    ImportOptions options = named();
    options.range = 1;
    CHECK(contains(error_of(sound, options), "see --mean and --range"));
    options.range = 255;
    CHECK(error_of(sound, options) == "");
    options.mean = {0, 0, 0};
    CHECK(contains(error_of(sound, options), "shifts by"));
    const auto drop_shift = [](Tensors &t) {
        for (const char *name : {"sub_mean.weight", "sub_mean.bias", "add_mean.weight", "add_mean.bias"})
            t.erase(name);
    };
    CHECK(contains(error_after(named(), drop_shift), "say what it subtracts with --mean"));
    CHECK(error_after(options, drop_shift) == "");
}

TEST_CASE("Luma networks have no shift of three colors") {
    Network network = small_network(Family::rcan);
    network.colors = 1;
    const ModelFile model = make_model(network);
    Safetensors file = checkpoint_of(model, rcan_pytorch());
    for (const char *name : {"sub_mean.weight", "sub_mean.bias", "add_mean.weight", "add_mean.bias"})
        file.tensors.erase(name);
    ImportOptions options = named();
    options.mean = {0, 0, 0};
    const Result<ModelFile> imported = import_checkpoint(file, options);
    REQUIRE(imported.error() == "");
    CHECK(imported->network.colors == 1);
    CHECK(imported->network.mean[0] == 0);
}

TEST_CASE("CARN by CSD's names, without the ReLUs that it leaves out") {
    Network network = small_network(Family::carn);
    network.group_channels = 0;
    network.recursive = false;
    network.linear_residuals = true;
    network.range = 255;
    for (const int scale : {2, 3, 4}) {
        network.scale = scale;
        const ModelFile model = make_model(network);
        const Safetensors file = checkpoint_of(model, csd_carn(network.blocks));
        check_imported(file, named(), model);
        check_imported(checkpoint_of(model, csd_carn(network.blocks), "module."), named(), model);
        CHECK(import_checkpoint(file, named())->network.slicing == networks::Slicing::leading);
    }
    Safetensors file = checkpoint_of(make_model(network), csd_carn(network.blocks));
    file.tensors.erase("b2.b1.conv2.weight");
    CHECK(contains(error_of(file, named()), "\"b2.b1.conv2.weight\" of shape (32, 32, 3, 3) is missing"));
}

TEST_CASE("CSD's CARN at the size of the preset is not the preset") {
    Network network = *networks::preset("carn", 2);
    network.linear_residuals = true;
    const Safetensors file = checkpoint_of(make_model(network), csd_carn(network.blocks));
    ImportOptions options;
    CHECK(import_checkpoint(file, options)->network.name == "carn_linear_b3_c64");
    options.network = "carn";
    CHECK(contains(error_of(file, options), "no ReLU after residual sums; carn is CARN with 3 blocks of 64 channels"));
    options.network = "auto";
    options.name = "carn";
    CHECK(contains(error_of(file, options), "name must be no preset's"));
    options.name = "carn_csd";
    CHECK(error_of(file, options) == "");
}

TEST_CASE("As many blocks as a network can have are imported, more are refused before they are named") {
    Network network = small_network(Family::edsr);
    network.channels = 8;
    network.blocks = networks::kMaxBlocks;
    Names names = kCsdEdsr;
    for (int i = 0; i < networks::kMaxBlocks; i++)
        for (const char *conv : {".conv1", ".conv2"})
            names["body." + std::to_string(i) + conv] = "body." + std::to_string(i) + conv;
    Safetensors file = checkpoint_of(make_model(network), names);
    ImportOptions options = named();
    options.res_scale = 1;
    CHECK(error_of(file, options) == "");
    file.tensors["body.256.conv1.weight"] = {{1}, {1}};
    CHECK(contains(error_of(file, options), "more than 256 convolutions \"body.N.conv1\""));

    struct Case {
        std::vector<const char *> others;  // the names by which the convention is known
        const char *prefix, *suffix;
        const char *fault;
    };
    const std::vector<Case> cases = {
        {{"head.0"}, "body.", ".body.0", "more than 256"},
        {{"head"}, "body.", ".conv1", "more than 256"},
        {{"head.0"}, "body.", ".body.0.body.0", "more than 64"},
        {{"head_conv"}, "body.", ".body.0.body.0", "more than 64"},
        {{"head_conv"}, "body.0.body.", ".body.0", "more than 256"},
        {{"entry", "b1.b1.body.0", "upsample.up.body.0"}, "c", ".body.0", "more than 256"},
        {{"entry", "b1.b1.conv1", "upsample.blocks.0"}, "c", ".conv", "more than 256"},
    };
    constexpr int kCrafted = 100000;
    for (const Case &c : cases) {
        Safetensors crafted;
        for (const char *name : c.others)
            crafted.tensors[std::string(name) + ".weight"] = {{1}, {1}};
        for (int i = 0; i < kCrafted; i++)
            crafted.tensors[c.prefix + std::to_string(i) + c.suffix + ".weight"] = {{1}, {1}};
        INFO(c.prefix << "N" << c.suffix);
        CHECK(contains(error_of(crafted, named()), c.fault));
    }
}

TEST_CASE("Compact by the names of Real-ESRGAN's SRVGGNetCompact") {
    for (const int scale : {1, 2, 3, 4})
        for (const int colors : {1, 3}) {
            Network network = small_network(Family::compact, scale);
            network.colors = colors;
            network.range = 1;
            network.mean = {0, 0, 0};
            network.input_skip = true;
            const ModelFile model = make_model(network);
            const std::map<std::string, std::string> names = {
                {"head.weight", "body.0.weight"},   {"head.bias", "body.0.bias"},   {"head.slope", "body.1.weight"},
                {"body.0.weight", "body.2.weight"}, {"body.0.bias", "body.2.bias"}, {"body.0.slope", "body.3.weight"},
                {"body.1.weight", "body.4.weight"}, {"body.1.bias", "body.4.bias"}, {"body.1.slope", "body.5.weight"},
                {"tail.weight", "body.6.weight"},   {"tail.bias", "body.6.bias"}};
            Safetensors file;
            for (const auto &[name, tensor] : model.tensors)
                file.tensors[names.at(name)] = tensor;
            CAPTURE(scale, colors);
            check_imported(file, named(), model);
            const Result<ModelFile> imported = import_checkpoint(file, named());
            CHECK(imported->network.input_skip);
            CHECK_FALSE(imported->network.feature_residual);
            CHECK(imported->network.mean == network.mean);
            CHECK(imported->network.colors == colors);

            Safetensors lacking = file;
            lacking.tensors.erase("body.3.weight");
            CHECK(contains(error_of(lacking, named()), "tensor \"body.3.weight\" of shape"));
            Safetensors odd = file;
            odd.tensors["body.7.weight"] = file.tensors.at("body.1.weight");
            CHECK(contains(error_of(odd, named()), "\"body.7.weight\" of shape (16) does not belong"));
        }
}
