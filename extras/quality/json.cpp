#include "extras/quality/json.h"

#include <cmath>
#include <limits>

#include <nlohmann/json.hpp>

namespace slimscale::quality {
namespace {

using Json = nlohmann::ordered_json;

const char *const kFormat = "slimscale-evaluation";
constexpr int kVersion = 1;

Json json_of(const Score &score) {
    return {{"psnr", std::isfinite(score.psnr) ? Json(score.psnr) : Json()}, {"ssim", score.ssim}};
}

Json json_of(const Scores &scores) {
    return {{"y", json_of(scores.luma)}, {"rgb", scores.rgb ? json_of(*scores.rgb) : Json()}};
}

Json json_of(const SubjectScores &scores) {
    return {{"plain", json_of(scores.plain)},
            {"ensemble", scores.ensemble ? json_of(*scores.ensemble) : Json()},
            {"ms", scores.ms}};
}

Json json_of(const SubjectName &subject) {
    return {{"name", subject.name},
            {"engine", subject.engine},
            {"channels", subject.channels},
            {"setting", subject.setting}};
}

Json json_of(const LeftOut &left_out) {
    return {{"image", left_out.image}, {"sentence", left_out.sentence}};
}

template <class Item>
Json json_of(const std::vector<Item> &items);

Json json_of_scores(const ImageScores &scores) {
    return {{"bicubic", json_of(scores.bicubic)}, {"subjects", json_of(scores.subjects)}};
}

Json json_of(const ImageScores &scores) {
    Json json = {{"image", scores.image}, {"width", scores.width}, {"height", scores.height}};
    json.update(json_of_scores(scores));
    return json;
}

template <class Item>
Json json_of(const std::vector<Item> &items) {
    Json array = Json::array();
    for (const Item &item : items)
        array.push_back(json_of(item));
    return array;
}

// The readers throw what nlohmann's library throws for a missing field or a value of another type.
double number_or_infinite(const Json &json) {
    return json.is_null() ? std::numeric_limits<double>::infinity() : json.get<double>();
}

void read(const Json &json, Scores &scores);
void read(const Json &json, ImageScores &scores);

void read(const Json &json, Score &score) {
    score.psnr = number_or_infinite(json.at("psnr"));
    score.ssim = json.at("ssim").get<double>();
}

template <class Value>
void read(const Json &json, std::optional<Value> &value) {
    value.reset();
    if (!json.is_null())
        read(json, value.emplace());
}

void read(const Json &json, Scores &scores) {
    read(json.at("y"), scores.luma);
    read(json.at("rgb"), scores.rgb);
}

void read(const Json &json, SubjectScores &scores) {
    read(json.at("plain"), scores.plain);
    read(json.at("ensemble"), scores.ensemble);
    scores.ms = json.at("ms").get<double>();
}

void read(const Json &json, SubjectName &subject) {
    subject.name = json.at("name").get<std::string>();
    subject.engine = json.at("engine").get<std::string>();
    subject.channels = json.at("channels").get<int>();
    subject.setting = json.at("setting").get<std::string>();
}

void read(const Json &json, LeftOut &left_out) {
    left_out.image = json.at("image").get<std::string>();
    left_out.sentence = json.at("sentence").get<std::string>();
}

template <class Item>
void read(const Json &json, std::vector<Item> &items) {
    items.clear();
    for (const Json &item : json.get_ref<const Json::array_t &>())
        read(item, items.emplace_back());
}

void read(const Json &json, ImageScores &scores) {
    scores.image = json.at("image").get<std::string>();
    scores.width = json.at("width").get<int>();
    scores.height = json.at("height").get<int>();
    read(json.at("bicubic"), scores.bicubic);
    read(json.at("subjects"), scores.subjects);
}

Status read(const Json &json, Evaluation &evaluation) {
    if (json.at("format").get<std::string>() != kFormat)
        return Error{"it is no evaluation: its format is another"};
    if (json.at("version").get<int>() != kVersion)
        return Error{"it is of another version of slimscale; evaluate again with this one"};
    evaluation.scale = json.at("scale").get<int>();
    evaluation.colors = json.at("colors").get<int>();
    evaluation.degrade = json.value("degrade", std::string());  // older files lack this field
    evaluation.small_given = json.value("small_given", false);
    evaluation.warnings = json.value("warnings", std::vector<std::string>());
    read(json.at("subjects"), evaluation.subjects);
    read(json.at("images"), evaluation.images);
    read(json.at("left_out"), evaluation.left_out);
    for (const ImageScores &image : evaluation.images)
        if (image.subjects.size() != evaluation.subjects.size())
            return Error{image.image + " has scores of " + std::to_string(image.subjects.size()) +
                         " subjects, not of " + std::to_string(evaluation.subjects.size())};
    return Status();
}

}  // namespace

std::string to_json(const Evaluation &evaluation) {
    const Json json = {{"format", kFormat},
                       {"version", kVersion},
                       {"scale", evaluation.scale},
                       {"colors", evaluation.colors},
                       {"small_given", evaluation.small_given},
                       {"degrade", evaluation.degrade},
                       {"warnings", evaluation.warnings},
                       {"subjects", json_of(evaluation.subjects)},
                       {"images", json_of(evaluation.images)},
                       {"mean", evaluation.images.empty() ? Json() : json_of_scores(mean(evaluation))},
                       {"left_out", json_of(evaluation.left_out)}};
    // File names may have any bytes, but JSON is UTF-8: other bytes are replaced.
    return json.dump(2, ' ', /*ensure_ascii=*/false, Json::error_handler_t::replace) + "\n";
}

Status parse_json(const std::string &text, Evaluation &evaluation) {
    try {
        Evaluation parsed;
        SLIMSCALE_RETURN_IF_ERROR(read(Json::parse(text), parsed));
        evaluation = std::move(parsed);
        return Status();
    } catch (const Json::exception &error) {
        return Error{std::string("it is no evaluation: ") + error.what()};
    }
}

}  // namespace slimscale::quality
