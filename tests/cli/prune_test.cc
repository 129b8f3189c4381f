// SPDX-License-Identifier: Apache-2.0
// `systole prune` as a user meets it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "base/file.h"
#include "sw/onnx/onnx_io.h"
#include "tests/cli/command.h"
#include "tests/cli/json_schema.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

fs::path WriteModel(const fs::path& folder) {
  const fs::path path = folder / "small.onnx";
  WriteOnnx(SmallFloatNetwork(), path);
  return path;
}

nlohmann::json ReadReport(const fs::path& file) {
  const auto json = nlohmann::json::parse(ReadFile(file));
  const auto schema = nlohmann::json::parse(
      ReadFile(fs::path(SYSTOLE_SOURCE_DIR) / "docs/schema/prune.schema.json"));
  EXPECT_THAT(SchemaViolations(schema, json), IsEmpty());
  return json;
}

TEST(PruneCommand, PrunesToDensitiesAndSaysWhatBecameZero) {
  const fs::path folder = TestFolder(), model = WriteModel(folder), target = folder / "out.onnx";
  const Outcome outcome = RunCommand(
      {"prune", model.string(), "--density", "0.5", "--layers", "score=0.25", "--method", "simd",
       "--group", "4", "-o", target.string(), "--json", (folder / "report.json").string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("density before"), HasSubstr("3 layers"),
                                 HasSubstr("pruned: aligned groups of 4 in each row")));
  const auto json = ReadReport(folder / "report.json");
  ASSERT_THAT(json.at("layers"), SizeIs(3));
  EXPECT_EQ(json.at("layers").at(0).at("density"), 0.5);
  EXPECT_EQ(json.at("layers").at(2).at("density"), 0.25);
  EXPECT_EQ(json.at("model").at("file"), target.string());
  // What it says of the file is what the file holds.
  ASSERT_EQ(
      RunCommand({"prune", target.string(), "--json", (folder / "count.json").string()}).status, 0);
  const auto counted = ReadReport(folder / "count.json");
  EXPECT_EQ(counted.at("totals").at("before"), json.at("totals").at("after"));
  EXPECT_FALSE(counted.contains("model"));
  EXPECT_EQ(ReadOnnx(target).nodes, ReadOnnx(model).nodes);
}

TEST(PruneCommand, CountsZerosOfAQuantizedNetworkWithoutWriting) {
  const fs::path folder = TestFolder(), model = folder / "int8.onnx";
  WriteOnnx(SmallQuantizedNetwork(), model);
  const Outcome outcome = RunCommand({"prune", model.string(), "--line-bytes", "4"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("QLinearConv"), HasSubstr("int8"),
                                 HasSubstr("zero lines: of 4 bytes"), Not(HasSubstr("before"))));
  EXPECT_THAT(FilesIn(folder), SizeIs(1));
}

TEST(PruneCommand, CountsZerosOfActivations) {
  const fs::path folder = TestFolder(), model = WriteModel(folder), input = folder / "x.npy";
  WriteTensor(Tensor(ElementType::kFloat32, {3, 2, 6, 6}), input);
  const Outcome outcome =
      RunCommand({"prune", model.string(), "--density", "0", "-o", (folder / "out.onnx").string(),
                  "--input", input.string(), "--json", (folder / "report.json").string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, AllOf(HasSubstr("inputs of layers"), HasSubstr("Relu")));
  const auto activations = ReadReport(folder / "report.json").at("activations");
  EXPECT_EQ(activations.at(0).at("tensor"), "x");
  EXPECT_EQ(activations.at(0).at("values"), 3 * 2 * 36);
  EXPECT_EQ(activations.at(0).at("nonzero"), 0);
  const Outcome missing = RunCommand({"prune", model.string(), "--input", "no.npy"});
  EXPECT_EQ(missing.status, 2);
  EXPECT_THAT(missing.err, HasSubstr("no.npy"));
}

TEST(PruneCommand, ReportsEveryProblemAtOnceAndWritesNothing) {
  const fs::path folder = TestFolder(), model = WriteModel(folder), out = folder / "out.onnx";
  const Outcome bad =
      RunCommand({"prune", model.string(), "--density", "30", "--layers", "conv", "--method",
                  "best", "--group", "3", "--published", "lenet", "--line-bytes", "2"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, AllOf(HasSubstr("--density 30"), HasSubstr("--layers conv is no NAME"),
                             HasSubstr("--method best"), HasSubstr("--group"),
                             HasSubstr("--published lenet"), HasSubstr("--line-bytes 2"),
                             HasSubstr("-o is missing")));
  const Outcome unknown =
      RunCommand({"prune", model.string(), "--published", "vgg-16", "-o", out.string()});
  EXPECT_EQ(unknown.status, 2);
  EXPECT_THAT(unknown.err, AllOf(HasSubstr("no layer \"conv1_1\" with weights"),
                                 HasSubstr("its layers are: conv, line, score")));
  const Outcome useless = RunCommand({"prune", model.string(), "-o", out.string()});
  EXPECT_EQ(useless.status, 2);
  EXPECT_THAT(useless.err, HasSubstr("needs --density, --layers or --published"));
  const Outcome line = RunCommand(
      {"prune", model.string(), "--density", "0.5", "--line-bytes", "24", "-o", out.string()});
  EXPECT_EQ(line.status, 2);
  EXPECT_THAT(line.err, HasSubstr("a power of two"));
  const Outcome self =
      RunCommand({"prune", model.string(), "--density", "0.5", "-o", model.string()});
  EXPECT_THAT(self.err, HasSubstr("is the model itself"));
  EXPECT_FALSE(fs::exists(out));
}

TEST(PruneCommand, RefusesALayerThatIsNamedTwice) {
  const fs::path folder = TestFolder(), model = WriteModel(folder);
  const Outcome outcome = RunCommand({"prune", model.string(), "--layers", "conv=0.5,conv=0.4",
                                      "-o", (folder / "out.onnx").string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("names \"conv\" twice"));
}

}  // namespace
}  // namespace systole
