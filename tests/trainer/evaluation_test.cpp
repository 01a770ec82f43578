#include "trainer/evaluation.h"

#include "extras/quality/json.h"
#include "extras/reports/metrics_log.h"
#include "tests/catch.h"
#include "tests/trainer/training_folder.h"

using namespace slimscale;
using trainer_tests::contains;

TEST_CASE("the full measure finds what the run's last validation found") {
    const Scratch scratch;
    trainer::Config config = trainer_tests::tiny_config(scratch, "run");
    REQUIRE(trainer::complete(&config).ok());
    REQUIRE(trainer::train(config).sentence.empty());

    trainer::EvaluationConfig evaluation;
    evaluation.model = config.out + "/model.safetensors";
    evaluation.data = config.validate;
    evaluation.json = scratch / "scores.json";
    evaluation.self_ensemble = true;
    evaluation.threads = 1;
    REQUIRE(trainer::run_evaluation(evaluation).sentence.empty());
    quality::Evaluation found;
    REQUIRE(quality::parse_json(trainer_tests::read_text(evaluation.json), found).ok());
    REQUIRE(found.subjects.size() == 2);
    CHECK(found.subjects[0].engine == "libtorch");
    const quality::ImageScores mean = quality::mean(found);

    const auto metrics = reports::read_metrics(config.out + "/metrics.csv");
    REQUIRE(metrics.ok());
    const reports::MetricsRow &last = metrics->rows.back();
    for (size_t i = 0; i < found.subjects.size(); i++) {
        const std::string column = "psnr." + std::to_string(found.subjects[i].channels);
        CHECK(mean.subjects[i].plain.luma.psnr == Approx(last.values.at(column)).epsilon(1e-9));
        CHECK(mean.subjects[i].ensemble.has_value());
    }
    CHECK(mean.bicubic.luma.psnr == Approx(last.values.at("psnr.bicubic")).epsilon(1e-9));

    evaluation.widths = {24};
    CHECK(contains(trainer::run_evaluation(evaluation).sentence, "not trained at 24"));
    evaluation.model = scratch / "missing.safetensors";
    CHECK(contains(trainer::run_evaluation(evaluation).sentence, "missing.safetensors"));
}
