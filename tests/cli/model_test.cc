// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/file.h"
#include "models/build_model.h"
#include "models/pictures.h"
#include "models/tfjs.h"
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

TEST(ModelCommand, DrawsNaturalPicturesOfThePublishedSize) {
  const fs::path folder = TestFolder();
  const Outcome outcome = RunCommand({"model", "squeezenet", "-o", (folder / "net.onnx").string(),
                                      "--samples", (folder / "pictures.npy").string(),
                                      "--sample-kind", "natural", "--sample-count", "1"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(ReadTensor(folder / "pictures.npy"), Normalized(NaturalPictures(1, 227, 1)));
  const Outcome bad = RunCommand({"model", "vgg-16", "--size", "31", "-o",
                                  (folder / "net.onnx").string(), "--sample-kind", "natural"});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr("--size 31 is out of range: 32 to 4096"));
  EXPECT_THAT(bad.err, HasSubstr("--sample-kind"));
}

TEST(ModelCommand, ConvertsOneNetworkOfTensorFlowLiteAtATime) {
  const fs::path folder = TestFolder(), model = folder / "no.tflite";
  const Outcome two = RunCommand({"model", "--from-tflite", model.string(), "--from-tfjs", "x.json",
                                  "--size", "32", "-o", (folder / "net.onnx").string()});
  EXPECT_EQ(two.status, 2);
  EXPECT_THAT(two.err, HasSubstr("--from-tfjs"));
  EXPECT_THAT(two.err, HasSubstr("--size"));
  WriteFile(model, "no model at all");
  const Outcome bad =
      RunCommand({"model", "--from-tflite", model.string(), "-o", (folder / "net.onnx").string()});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr("no.tflite is no TensorFlow Lite model"));
  EXPECT_FALSE(fs::exists(folder / "net.onnx"));
}

TEST(ModelCommand, EndsAtANode) {
  const fs::path model = TestFolder() / "part.onnx";
  const Outcome outcome = RunCommand({"model", "squeezenet", "--size", "67", "--width", "0.25",
                                      "--until", "fire2/concat", "-o", model.string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(ReadOnnx(model).outputs, std::vector<std::string>{"fire2/concat"});
  const Outcome bad = RunCommand({"model", "squeezenet", "--until", "fire1", "-o", model.string()});
  EXPECT_EQ(bad.status, 2);
  EXPECT_THAT(bad.err, HasSubstr("no node \"fire1\""));
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

const std::string kTfjs =
    (fs::path(SYSTOLE_SOURCE_DIR) / "tests/models/golden/tfjs/model.json").string();

TEST(ModelCommand, ConvertsATensorFlowJsModel) {
  const fs::path model = TestFolder() / "small.onnx";
  const Outcome outcome = RunCommand({"model", "--from-tfjs", kTfjs, "-o", model.string()});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("small.onnx: small, "));
  EXPECT_EQ(ReadFile(model), SerializeOnnx(ReadTfjs(kTfjs)));
}

TEST(ModelCommand, RefusesWhatDoesNotGoWithATensorFlowJsModel) {
  const Outcome outcome = RunCommand({"model", "mobilenet-v2", "--from-tfjs", kTfjs, "--size", "64",
                                      "--sample-count", "2", "-o", "x.onnx"});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("error: NAME mobilenet-v2 does not go with --from-tfjs, "));
  EXPECT_THAT(outcome.err, HasSubstr("error: --size 64 does not go with --from-tfjs, "));
  EXPECT_THAT(outcome.err, HasSubstr("error: --sample-count 2 needs --samples FILE\n"));
}

TEST(ModelCommand, DrawsSamplesThatFitTheNetwork) {
  const fs::path folder = TestFolder(), model = folder / "v1.onnx", samples = folder / "in.npy";
  Outcome outcome =
      RunCommand({"model", "mobilenet-v1", "--size", "40", "--width", "0.25", "--seed", "3", "-o",
                  model.string(), "--samples", samples.string(), "--sample-count", "2"});
  ASSERT_EQ(outcome.status, 0) << outcome.err;
  EXPECT_EQ(ReadTensor(samples), Normalized(DrawPictures(2, 40, 3)));
  outcome = RunCommand({"quantize", model.string(), "--calibrate", samples.string(), "-o",
                        (folder / "v1.int8.onnx").string()});
  EXPECT_EQ(outcome.status, 0) << outcome.err;
}

TEST(ModelCommand, DrawsSquarePicturesOnlyAndKeepsFilesApart) {
  const fs::path folder = TestFolder();
  const std::string model = (folder / "x.onnx").string();
  Outcome outcome = RunCommand(
      {"model", "--from-tfjs", kTfjs, "-o", model, "--samples", (folder / "in.npy").string()});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("error: --samples: the network's input is ?x3x13x10, no "));
  outcome = RunCommand({"model", "mobilenet-v1", "-o", model, "--samples", model});
  EXPECT_EQ(outcome.status, 2);
  EXPECT_THAT(outcome.err, HasSubstr("error: --samples " + model + " is the model itself\n"));
  EXPECT_THAT(FilesIn(folder), IsEmpty());
}

}  // namespace
}  // namespace systole
