// SPDX-License-Identifier: Apache-2.0
// `systole fuse` as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "models/build_model.h"
#include "sw/onnx/onnx_io.h"
#include "tests/cli/command.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

/// MobileNet-V3-Small, narrow, of 32x32 inputs and an open batch.
fs::path WriteModel(const fs::path& folder) {
  const fs::path path = folder / "small.onnx";
  WriteOnnx(BuildModel({.name = ModelName::kMobileNetV3Small, .size = 32, .width = 0.25}), path);
  return path;
}

std::vector<std::string> NamesOf(const nlohmann::json& layers) {
  std::vector<std::string> names;
  for (const auto& layer : layers) names.push_back(layer.at("name"));
  return names;
}

TEST(FuseCommand, ReplacesAllLayersAndSaysWhatChanged) {
  const fs::path folder = TestFolder(), model = WriteModel(folder);
  const fs::path target = folder / "full.onnx", json_file = folder / "fuse.json";
  const Outcome outcome = RunCommand({"fuse", model.string(), "--variant", "full", "-o",
                                      target.string(), "--json", json_file.string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("11 depthwise layers replaced (full)"),
                                 HasSubstr("bneck1/se/reduce, bneck1/se/expand, bneck1/project"),
                                 HasSubstr("MACs: "), HasSubstr("cycles: ")));
  const auto json = nlohmann::json::parse(ReadFile(json_file));
  const auto schema = nlohmann::json::parse(
      ReadFile(fs::path(SYSTOLE_SOURCE_DIR) / "docs/schema/fuse.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  // What the totals gain is what the layers gain, normalization aside.
  std::int64_t gain = 0;
  for (const auto& layer : json.at("replaced")) {
    gain += layer.at("macs").at("after").get<std::int64_t>() -
            layer.at("macs").at("before").get<std::int64_t>();
  }
  const auto& macs = json.at("totals").at("macs");
  EXPECT_EQ(gain, macs.at("after").get<std::int64_t>() - macs.at("before").get<std::int64_t>());
  // The batch stays open.
  const Network fused = ReadOnnx(target);
  EXPECT_EQ(fused.values.at("input").shape, (Shape{-1, 3, 32, 32}));
  EXPECT_EQ(fused.values.at("input").symbols.at(0), "batch");
}

TEST(FuseCommand, ChoosesTheBetterHalfOfTheLayers) {
  const fs::path folder = TestFolder(), model = WriteModel(folder), report = folder / "r.json";
  const Outcome outcome =
      RunCommand({"fuse", model.string(), "--variant", "half50", "--rows", "8", "--cols", "8", "-o",
                  (folder / "out.onnx").string(), "--json", report.string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  const auto json = nlohmann::json::parse(ReadFile(report));
  EXPECT_THAT(json.at("replaced"), SizeIs(6));
  EXPECT_THAT(json.at("kept"), SizeIs(5));
  EXPECT_THAT(outcome.out, HasSubstr("not in the half that saves most (it saves "));
}

TEST(FuseCommand, TakesPublishedAndExplicitLists) {
  const fs::path folder = TestFolder(), model = WriteModel(folder), report = folder / "r.json";
  const std::string out = (folder / "out.onnx").string();
  ASSERT_EQ(RunCommand({"fuse", model.string(), "--variant", "full50", "--published",
                        "mobilenet-v3-small", "-o", out, "--json", report.string()})
                .status,
            0);
  EXPECT_THAT(NamesOf(nlohmann::json::parse(ReadFile(report)).at("replaced")),
              ElementsAre("bneck3/depthwise", "bneck5/depthwise", "bneck6/depthwise",
                          "bneck7/depthwise", "bneck8/depthwise"));
  ASSERT_EQ(RunCommand({"fuse", model.string(), "--variant", "half", "--layers",
                        "bneck2/depthwise,bneck1/depthwise", "-o", out, "--json", report.string()})
                .status,
            0);
  EXPECT_THAT(NamesOf(nlohmann::json::parse(ReadFile(report)).at("replaced")),
              ElementsAre("bneck1/depthwise", "bneck2/depthwise"));
}

TEST(FuseCommand, ReportsEveryProblemAtOnceAndWritesNothing) {
  const fs::path folder = TestFolder(), model = WriteModel(folder), out = folder / "out.onnx";
  const Outcome bad = RunCommand({"fuse", model.string(), "--variant", "quarter", "--weights",
                                  "good", "--seed", "3", "--published", "lenet"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err,
              AllOf(HasSubstr("--variant quarter"), HasSubstr("--weights good"),
                    HasSubstr("-o is missing"), HasSubstr("--seed"), HasSubstr("--published")));
  const Outcome missing = RunCommand({"fuse", model.string(), "--variant", "half", "--layers",
                                      "bneck77/depthwise", "-o", out.string()});
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.err, HasSubstr("no depthwise convolution \"bneck77/depthwise\""));
  EXPECT_FALSE(fs::exists(out));
  const Outcome self =
      RunCommand({"fuse", model.string(), "--variant", "half", "-o", model.string()});
  EXPECT_EQ(self.status, 2);
  EXPECT_THAT(self.err, HasSubstr("is the model itself"));
}

TEST(FuseCommand, SaysWhyNothingCanBeReplaced) {
  const fs::path folder = TestFolder(), model = folder / "line.onnx";
  WriteOnnx(SmallFloatNetwork(), model);
  const Outcome outcome = RunCommand(
      {"fuse", model.string(), "--variant", "half", "-o", (folder / "out.onnx").string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("one-dimensional already (1x3)"));
  EXPECT_FALSE(fs::exists(folder / "out.onnx"));
}

}  // namespace
}  // namespace systole
