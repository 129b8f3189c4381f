// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "models/build_model.h"
#include "sw/onnx/onnx_io.h"
#include "tests/cli/command.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;

TEST(ModelCommand, WritesTheNetworkAndCountsItsWork) {
  const fs::path model = TestFolder() / "v2.onnx";
  const Outcome outcome = RunCommand({"model", "mobilenet-v2", "-o", model.string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out,
              EndsWith("v2.onnx: mobilenet-v2, 152 nodes, 53 layers, 300,774,272 MACs, "
                       "3,504,872 parameters\n"));
  EXPECT_EQ(ReadFile(model), SerializeOnnx(BuildModel({.name = ModelName::kMobileNetV2})));
}

TEST(ModelCommand, TakesSizeWidthClassesAndSeed) {
  const fs::path model = TestFolder() / "small.onnx";
  const Outcome outcome = RunCommand({"model", "resnet-18", "--size", "48", "--width", "0.25",
                                      "--classes", "10", "--seed", "9", "-o", model.string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(
      ReadFile(model),
      SerializeOnnx(BuildModel(
          {.name = ModelName::kResNet18, .size = 48, .width = 0.25, .classes = 10, .seed = 9})));
}

TEST(ModelCommand, ReportsEveryProblemAtOnceAndWritesNothing) {
  const fs::path folder = TestFolder();
  const Outcome outcome =
      RunCommand({"model", "resnet-19", "--size", "0", "--width", "nan", "--classes", "x", "--seed",
                  "-1", "-o", (folder / "model.onnx").string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("error: there is no model \"resnet-19\"\n"
                                     "  fix: name one of: mobilenet-v1, mobilenet-v2, "));
  EXPECT_THAT(outcome.err, HasSubstr("error: --size 0 is out of range: 1 to 4096\n"));
  EXPECT_THAT(outcome.err, HasSubstr("error: --width nan is no number\n"));
  EXPECT_THAT(outcome.err, HasSubstr("error: --classes x is no integer\n"));
  EXPECT_THAT(outcome.err, HasSubstr("error: --seed -1 is out of range: 0 to "));
  EXPECT_THAT(FilesIn(folder), IsEmpty());
}

TEST(ModelCommand, AsksForNameAndFile) {
  const Outcome outcome = RunCommand({"model"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("error: NAME is missing: mobilenet-v1, "));
  EXPECT_THAT(outcome.err, HasSubstr("error: -o is missing\n"));
}

}  // namespace
}  // namespace systole
