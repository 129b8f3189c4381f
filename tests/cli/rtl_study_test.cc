// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/rtl_study.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "models/build_model.h"
#include "sw/cli/interrupt.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

TEST(SamplePicture, IsSeededAndStaysInRange) {
  const Tensor picture = SamplePicture(224, 1);
  EXPECT_EQ(picture.shape(), (Shape{1, 3, 224, 224}));
  EXPECT_EQ(picture, SamplePicture(224, 1));
  EXPECT_NE(picture, SamplePicture(224, 2));
  std::int64_t usual = 0;
  for (const float value : picture.As<float>()) usual += value >= -2 && value <= 2;
  EXPECT_GT(usual, picture.size() * 3 / 4);
  EXPECT_LT(usual, picture.size()) << "larger values are rare, not cut";
}

TEST(RunOnRtl, AWholeNetworkIsVerifiedAndFoundAgain) {
  const fs::path folder = fs::path(testing::TempDir()) / "systole_rtl_study";
  fs::remove_all(folder);
  int built = 0;
  RtlCase work;
  work.label = "mobilenet-v3-small 32";
  work.network = [&built] {
    ++built;
    return BuildModel(
        {.name = ModelName::kMobileNetV3Small, .size = 32, .width = 0.25, .classes = 10});
  };
  work.array = {.rows = 4, .cols = 4};
  RtlStudySettings settings;
  settings.store = folder;
  settings.cache_dir = fs::path(SYSTOLE_BINARY_DIR) / "test-cache";
  settings.jobs = 2;
  const InterruptGuard guard;
  ProgressLine line(stderr);

  const RtlOutcome first = RunOnRtl(work, settings, line);
  EXPECT_TRUE(first.run.Good());
  EXPECT_EQ(first.reused, 0U);
  EXPECT_GT(first.run.layers.size(), 50U);
  for (const LayerResult& layer : first.run.layers) {
    EXPECT_EQ(layer.verdict, Verdict::kVerified) << layer.node << ": " << layer.problem;
  }
  const RtlOutcome again = RunOnRtl(work, settings, line);
  EXPECT_TRUE(again.run.Good());
  EXPECT_EQ(again.reused, first.run.layers.size());
  EXPECT_EQ(built, 1) << "the quantized network is in the store";

  for (const auto& entry : fs::directory_iterator(folder)) {
    if (entry.path().extension() == ".onnx") WriteFile(entry.path(), "cut");
  }
  EXPECT_EQ(RunOnRtl(work, settings, line).reused, first.run.layers.size());
  EXPECT_EQ(built, 2) << "a damaged network is made again, to the same bytes";
}

}  // namespace
}  // namespace systole
