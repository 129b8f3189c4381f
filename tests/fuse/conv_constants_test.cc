// SPDX-License-Identifier: Apache-2.0
#include "sw/fuse/conv_constants.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "base/stimulus.h"
#include "sw/ref/execute.h"

namespace systole::fuse {
namespace {

using ::testing::HasSubstr;

/// A QLinearConv of 1x1 (input "x" of uint8 or int8) with constants of one kind.
struct Kind {
  ElementType weights = ElementType::kInt8;
  bool per_channel = false;
  std::vector<std::int64_t> zeros = {0};  ///< one, or one a channel
};

constexpr std::int64_t kOutputs = 3, kInputs = 2;

Tensor Bytes(ElementType type, Shape shape, const std::vector<std::int64_t>& values) {
  Tensor tensor(type, std::move(shape));
  for (std::size_t i = 0; i < values.size(); ++i) {
    tensor.bytes()[i] = static_cast<std::byte>(values[i]);
  }
  return tensor;
}

Network MakeNetwork(const Kind& kind, std::uint64_t seed, std::int32_t bias = 1000) {
  Stimulus random(seed);
  Network network;
  network.opset = 13;
  network.inputs = {"x"};
  network.outputs = {"y"};
  network.values["x"] = {ElementType::kUint8, {1, kInputs, 2, 2}, true, {}};
  const bool is_signed = kind.weights == ElementType::kInt8;
  std::vector<std::int64_t> weights;
  for (int i = 0; i < kOutputs * kInputs; ++i) {
    weights.push_back(is_signed ? random.Between(-128, 127) : random.Between(0, 255));
  }
  const Shape channels = kind.per_channel ? Shape{kOutputs} : Shape{};
  std::vector<float> scales = {0.5F};
  std::vector<std::int64_t> zeros = kind.zeros;
  if (kind.per_channel) scales = {0.5F, 0.25F, 2.0F};
  if (kind.per_channel && zeros.size() == 1) zeros.resize(kOutputs, zeros[0]);
  network.initializers = {
      {"xs", Tensor::Scalar(0.125F)},
      {"xz", Tensor::Scalar<std::uint8_t>(100)},
      {"w", Bytes(kind.weights, {kOutputs, kInputs, 1, 1}, weights)},
      {"ws", Tensor::Of<float>(channels, scales)},
      {"wz", Bytes(kind.weights, channels, zeros)},
      {"ys", Tensor::Scalar(4.0F)},
      {"yz", Tensor::Scalar<std::uint8_t>(128)},
      {"b", Tensor::Of<std::int32_t>({kOutputs}, {bias, -bias, 7})},
  };
  network.nodes = {
      {"conv", "QLinearConv", "", {"x", "xs", "xz", "w", "ws", "wz", "ys", "yz", "b"}, {"y"}, {}}};
  CheckNetwork(network);
  return network;
}

ConvConstants ReadFrom(const Network& network) {
  std::string reason;
  auto constants = ConvConstants::Read(network, GraphIndex(network), network.nodes[0], reason);
  EXPECT_EQ(reason, "");
  return *constants;
}

/// The network with `constants` in place of its own.
Network WriteTo(Network network, const ConvConstants& constants) {
  NameSource names(network);
  std::vector<Node> before;
  network.nodes[0] = constants.Write(network, names, network.nodes[0], "new", before);
  EXPECT_TRUE(before.empty());
  return network;
}

std::vector<double> RealsOf(const ConvConstants& constants) {
  std::vector<double> reals;
  const Shape& shape = constants.shape();
  for (std::int64_t i = 0; i < shape[0] * shape[1] * shape[2] * shape[3]; ++i) {
    reals.push_back(constants.Real(i));
  }
  return reals;
}

class EveryKind : public testing::TestWithParam<Kind> {};

INSTANTIATE_TEST_SUITE_P(
    Kinds, EveryKind,
    testing::Values(Kind{ElementType::kInt8, false, {0}}, Kind{ElementType::kInt8, true, {0}},
                    Kind{ElementType::kInt8, true, {5}}, Kind{ElementType::kInt8, false, {-128}},
                    Kind{ElementType::kUint8, false, {128}}, Kind{ElementType::kUint8, true, {128}},
                    Kind{ElementType::kUint8, false, {0}},
                    Kind{ElementType::kUint8, true, {0, 3, 255}}),
    [](const auto& info) {
      return fmt::format("{}_{}_{}", ToString(info.param.weights),
                         info.param.per_channel ? "channels" : "tensor", info.index);
    });

TEST_P(EveryKind, KeepsKernelsThatAreIntegersInItsScales) {
  const Network network = MakeNetwork(GetParam(), 1);
  ConvConstants constants = ReadFrom(network);
  const std::vector<double> reals = RealsOf(constants);
  ASSERT_EQ(constants.SetKernels(1, 1, reals), "");
  const Network same = WriteTo(network, constants);
  for (const std::size_t i : {3u, 4u, 5u, 8u}) {
    EXPECT_TRUE(*same.Constant(same.nodes[0].inputs[i]) ==
                *network.Constant(network.nodes[0].inputs[i]))
        << i;
  }
}

// Every new kernel is nearer than half a step, and bias and output follow the new scales.
TEST_P(EveryKind, RoundsOtherKernelsToTheNearestStep) {
  const Network network = MakeNetwork(GetParam(), 2);
  Stimulus random(3);
  for (int trial = 0; trial < 50; ++trial) {
    SCOPED_TRACE(fmt::format("seed 3, trial {}", trial));
    ConvConstants constants = ReadFrom(network);
    std::vector<double> reals;
    for (int i = 0; i < kOutputs * kInputs; ++i) {
      reals.push_back(static_cast<double>(random.Between(-100000, 100000)) / 777.0);
    }
    ASSERT_EQ(constants.SetKernels(1, 1, reals), "");
    const std::vector<double> got = RealsOf(constants);
    double all = 0;
    for (const double real : reals) all = std::max(all, std::abs(real));
    for (std::size_t i = 0; i < reals.size(); ++i) {
      const double own = std::max(std::abs(reals[i / 2 * 2]), std::abs(reals[i / 2 * 2 + 1]));
      // At least 64 steps to either side.
      EXPECT_NEAR(got[i], reals[i], (GetParam().per_channel ? own : all) / 64 / 2 * 1.001);
    }
    const Network written = WriteTo(network, constants);
    const auto scales = written.Constant(written.nodes[0].inputs[4])->As<float>();
    const auto bias = written.Constant(written.nodes[0].inputs[8])->As<std::int32_t>();
    const std::int32_t old_bias[] = {1000, -1000, 7};
    const float old_scales[] = {0.5F, 0.25F, 2.0F};
    for (std::size_t c = 0; c < kOutputs; ++c) {
      const double scale = scales[scales.size() == 1 ? 0 : c];
      const double old_scale = GetParam().per_channel ? old_scales[c] : 0.5;
      EXPECT_NEAR(bias[c] * scale, old_bias[c] * old_scale, scale / 2 * 1.001);
    }
    const Tensor x(ElementType::kUint8, {1, kInputs, 2, 2});
    ExecuteNetwork(written, {{"x", x}});
  }
}

TEST_P(EveryKind, RepeatedInputsGiveTheSameBytes) {
  const Network network = MakeNetwork(GetParam(), 4);
  ConvConstants constants = ReadFrom(network);
  ASSERT_EQ(constants.RepeatInputs(), "");
  Network twice = WriteTo(network, constants);
  twice.values["x"].shape[1] *= 2;
  Stimulus random(5);
  Tensor x(ElementType::kUint8, {1, kInputs, 2, 2}),
      xx(ElementType::kUint8, {1, 2 * kInputs, 2, 2});
  for (std::size_t i = 0; i < 8; ++i) {
    x.As<std::uint8_t>()[i] = xx.As<std::uint8_t>()[i] = xx.As<std::uint8_t>()[i + 8] =
        static_cast<std::uint8_t>(random.Below(256));
  }
  EXPECT_TRUE(ExecuteNetwork(twice, {{"x", xx}}).at("y") ==
              ExecuteNetwork(network, {{"x", x}}).at("y"));
}

TEST_P(EveryKind, TwoBlocksComputeSideBySide) {
  const Network network = MakeNetwork(GetParam(), 6);
  ConvConstants constants = ReadFrom(network);
  constants.TwoBlocks();
  Network both = WriteTo(network, constants);
  both.values["x"].shape[1] *= 2;
  Stimulus random(7);
  Tensor a(ElementType::kUint8, {1, kInputs, 2, 2}),
      b = a, ab(ElementType::kUint8, {1, 2 * kInputs, 2, 2});
  for (std::size_t i = 0; i < 8; ++i) {
    ab.As<std::uint8_t>()[i] = a.As<std::uint8_t>()[i] =
        static_cast<std::uint8_t>(random.Below(256));
    ab.As<std::uint8_t>()[i + 8] = b.As<std::uint8_t>()[i] =
        static_cast<std::uint8_t>(random.Below(256));
  }
  const Tensor got = ExecuteNetwork(both, {{"x", ab}}).at("y");
  std::vector<std::uint8_t> want;
  for (const Tensor& input : {a, b}) {
    const Tensor y = ExecuteNetwork(network, {{"x", input}}).at("y");
    want.insert(want.end(), y.As<std::uint8_t>().begin(), y.As<std::uint8_t>().end());
  }
  EXPECT_THAT(
      std::vector<std::uint8_t>(got.As<std::uint8_t>().begin(), got.As<std::uint8_t>().end()),
      testing::ElementsAreArray(want));
}

// The weights of a Gemm may be stored [inputs, outputs]; the scales of a channel lie on axis 1
// then.
TEST(ConvConstants, WriteTheScalesOfAGemmOnTheAxisOfItsOutputs) {
  for (const std::int64_t transposed : {0, 1}) {
    Network network;
    network.opset = 13;
    network.inputs = {"x"};
    network.outputs = {"y"};
    network.values["x"] = {ElementType::kFloat32, {1, 2}, true, {}};
    const std::int64_t axis = transposed != 0 ? 0 : 1;
    network.initializers = {
        {"w", Bytes(ElementType::kInt8, transposed != 0 ? Shape{3, 2} : Shape{2, 3},
                    {1, 2, 3, 4, 5, 6})},
        {"s", Tensor::Of<float>({3}, std::vector<float>{1, 2, 4})}};
    network.nodes = {{"dq", "DequantizeLinear", "", {"w", "s"}, {"wf"}, {{"axis", axis}}},
                     {"gemm", "Gemm", "", {"x", "wf"}, {"y"}, {{"transB", transposed}}}};
    CheckNetwork(network);
    std::string reason;
    auto constants = ConvConstants::Read(network, GraphIndex(network), network.nodes[1], reason);
    ASSERT_TRUE(constants) << reason;
    ASSERT_EQ(constants->RepeatInputs(), "");
    Network twice = network;
    NameSource names(twice);
    std::vector<Node> before;
    const Node gemm = constants->Write(twice, names, network.nodes[1], "new", before);
    twice.nodes = {before.at(0), gemm};
    const Tensor x = Tensor::Of<float>({1, 2}, std::vector<float>{3, 5});
    const Tensor xx = Tensor::Of<float>({1, 4}, std::vector<float>{3, 5, 3, 5});
    EXPECT_TRUE(ExecuteNetwork(twice, {{"x", xx}}).at("y") ==
                ExecuteNetwork(network, {{"x", x}}).at("y"));
  }
}

TEST(ConvConstants, LargeBiasesGetARoomierScaleOrAreRefused) {
  const Network network = MakeNetwork({}, 1, 2'000'000'000);
  ConvConstants constants = ReadFrom(network);
  EXPECT_THAT(constants.RepeatInputs(), HasSubstr("bias does not fit 32 bits"));
  constants = ReadFrom(network);
  // Kernels a thousand times smaller: their own scale would take the bias out of range.
  ASSERT_EQ(constants.SetKernels(1, 1, {0.05, 0.01, -0.03, 0.02, 0.011, -0.04}), "");
  const Network written = WriteTo(network, constants);
  const double scale = written.Constant(written.nodes[0].inputs[4])->As<float>()[0];
  const auto bias = written.Constant(written.nodes[0].inputs[8])->As<std::int32_t>();
  EXPECT_NEAR(bias[0] * scale, 1e9, 1e3);
  EXPECT_NEAR(bias[1] * scale, -1e9, 1e3);
}

}  // namespace
}  // namespace systole::fuse
