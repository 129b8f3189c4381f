// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/run_report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/file.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

nlohmann::json Schema() {
  return nlohmann::json::parse(ReadFile(SYSTOLE_SOURCE_DIR "/docs/schema/run.schema.json"));
}

/// A report in which everything that can stand in one does.
RunReport FullReport() {
  RunReport report;
  report.model_file = "net.onnx";
  report.model_hash = "0123456789abcdef0123456789abcdef";
  report.settings.config = {.rows = 4, .cols = 4};
  report.result.tools = "Verilator 5.006";
  report.result.layers.push_back({.node = "conv1",
                                  .op = "QLinearConv",
                                  .tensor = "y",
                                  .type = ElementType::kInt8,
                                  .shape = {1, 8, 6, 6},
                                  .mapping = "gemm",
                                  .tiles = 18,
                                  .macs = 23040,
                                  .cycles = 1800,
                                  .model_cycles = 1800,
                                  .limit_cycles = 1500,
                                  .seconds = 0.25,
                                  .verdict = Verdict::kVerified,
                                  .problem = ""});
  Comparison comparison;
  comparison.folder = "ort";
  comparison.runtime = "onnxruntime-node 1.30.0";
  comparison.tensors.push_back({.tensor = "y", .node = "conv1", .op = "QLinearConv"});
  report.comparison = comparison;
  report.answers = Answers{{3, 1}, {3, 2}};
  return report;
}

TEST(RunReport, JsonFollowsTheDocumentedSchema) {
  EXPECT_THAT(SchemaViolations(Schema(), ToJson(FullReport())), IsEmpty());
  RunReport small = FullReport();
  small.comparison.reset();
  small.answers.reset();
  small.settings.engine = Engine::kModel;
  EXPECT_THAT(SchemaViolations(Schema(), ToJson(small)), IsEmpty());
}

TEST(RunReport, JsonOfTensorsOfDifferentShapesFollowsTheSchema) {
  RunReport report = FullReport();
  report.comparison->tensors[0].largest = INFINITY;
  const std::string text = ToJson(report).dump();
  EXPECT_THAT(SchemaViolations(Schema(), nlohmann::json::parse(text)), IsEmpty());
}

TEST(RunReport, SchemaNoticesMissingWrongAndExtraMembers) {
  nlohmann::json json = ToJson(FullReport());
  json["layers"][0].erase("cycles");
  json["layers"][0]["verified"] = "maybe";
  json["totals"]["tiles"] = -1;
  json["extra"] = 1;
  const auto found = SchemaViolations(Schema(), json);
  EXPECT_THAT(found, Contains("$.layers[0]: cycles is missing"));
  EXPECT_THAT(found, Contains(HasSubstr("\"maybe\" is none of")));
  EXPECT_THAT(found, Contains("$.totals.tiles: -1 is below 0"));
  EXPECT_THAT(found, Contains("$: extra is not allowed"));
}

TEST(RunReport, TableShowsLayerTotalsAnswersAndUtilization) {
  const std::string text = ToText(FullReport());
  EXPECT_THAT(text, HasSubstr("conv1    QLinearConv  1x8x6x6  gemm        18   1,800       80.0 % "
                              "    1.20  yes       equal\n"));
  EXPECT_THAT(text, HasSubstr("1 of 1"));
  EXPECT_THAT(text, HasSubstr("answers: 3 1\nright: 1 of 2\n"));
  EXPECT_THAT(text, HasSubstr("onnxruntime-node 1.30.0: 1 tensors compared, 1 equal"));
}

TEST(RunReport, OneDifferenceOfAnyKindIsNotGood) {
  EXPECT_TRUE(Good(FullReport()));
  RunReport bytes = FullReport();
  bytes.result.layers[0].verdict = Verdict::kDiffers;
  bytes.result.layers[0].problem = "element [0,1,2,3] is 4, the reference has 5";
  EXPECT_FALSE(Good(bytes));
  EXPECT_THAT(ToText(bytes), HasSubstr("conv1: element [0,1,2,3] is 4, the reference has 5\n"));
  RunReport failed = FullReport();
  failed.result.layers[0].verdict = Verdict::kFailed;
  EXPECT_FALSE(Good(failed));
  for (const auto result :
       {TensorComparison::Result::kDiffers, TensorComparison::Result::kMissing}) {
    RunReport other = FullReport();
    other.comparison->tensors[0].result = result;
    EXPECT_FALSE(Good(other));
  }
  RunReport bound = FullReport();
  bound.comparison->tensors[0].result = TensorComparison::Result::kWithinBound;
  EXPECT_TRUE(Good(bound));
}

}  // namespace
}  // namespace systole
