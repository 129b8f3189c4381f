// SPDX-License-Identifier: Apache-2.0
// The reference against ONNX Runtime, without graph optimizations, on random tensors.
#include "tests/ref/onnx_runtime.h"

#include <cmath>
#include <limits>
#include <vector>

#include "base/stimulus.h"

namespace systole {
namespace {

constexpr std::uint64_t kSeed = 1;

/// Floats of many magnitudes around 1, one in sixteen a special value.
Tensor Floats(Stimulus& random, Shape shape, bool special = false) {
  std::vector<float> values(static_cast<std::size_t>(ElementCount(shape)));
  constexpr float kSpecial[] = {0.0F,
                                -0.0F,
                                1.0F,
                                -1.0F,
                                3.0F,
                                -3.0F,
                                0.5F,
                                1e-40F,
                                1e30F,
                                -1e30F,
                                std::numeric_limits<float>::infinity(),
                                -std::numeric_limits<float>::infinity(),
                                std::numeric_limits<float>::quiet_NaN()};
  for (float& value : values) {
    value =
        std::ldexp(static_cast<float>(random.Signed(24)), -23 + static_cast<int>(random.Below(4)));
    if (special && random.Below(16) == 0) value = kSpecial[random.Below(std::size(kSpecial))];
  }
  return Tensor::Of<float>(std::move(shape), values);
}

template <typename T>
Tensor Integers(Stimulus& random, Shape shape, std::int64_t low = std::numeric_limits<T>::min(),
                std::int64_t high = std::numeric_limits<T>::max()) {
  std::vector<T> values(static_cast<std::size_t>(ElementCount(shape)));
  for (T& value : values) value = static_cast<T>(random.Between(low, high));
  return Tensor::Of<T>(std::move(shape), values);
}

Tensor Longs(const std::vector<std::int64_t>& values) {
  return Tensor::Of<std::int64_t>({static_cast<std::int64_t>(values.size())}, values);
}

/// Positive scales.
Tensor Scales(Stimulus& random, std::int64_t count) {
  std::vector<float> values;
  for (std::int64_t i = 0; i < count; ++i) {
    values.push_back(std::ldexp(static_cast<float>(random.Between(1 << 22, 1 << 23)), -27));
  }
  return count == 1 ? Tensor::Scalar(values[0]) : Tensor::Of<float>({count}, values);
}

using Ints = std::vector<std::int64_t>;

TEST(OnnxRuntime, ArithmeticHasTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("arithmetic", 17);
  for (const char* op : {"Add", "Sub", "Mul", "Div"}) {
    all.Add(op, {Floats(random, {3, 7, 50}, true), Floats(random, {3, 7, 50}, true)});
    all.Add(op, {Floats(random, {3, 1, 5}), Floats(random, {7, 1})});
    all.Add(op, {Floats(random, {2, 3}), Floats(random, {})});
    all.Add(op,
            {Integers<std::int32_t>(random, {40}), Integers<std::int32_t>(random, {40}, 1, 99)});
    all.Add(op, {Integers<std::int64_t>(random, {4, 1}, -(1LL << 61), 1LL << 61),
                 Integers<std::int64_t>(random, {5}, -99, -1)});
  }
  for (const char* op : {"Max", "Min"}) {
    all.Add(op,
            {Floats(random, {3, 70}, true), Floats(random, {70}, true), Floats(random, {3, 1})});
    all.Add(op, {Integers<std::int32_t>(random, {40}), Integers<std::int32_t>(random, {1})});
  }
  all.Add("Pow", {Floats(random, {300}), Tensor::Scalar(2.0F)});
  all.Add("Pow", {Floats(random, {300}), Tensor::Scalar(3.0F)});
  all.Run();
}

TEST(OnnxRuntime, ActivationsOfSingleOperationsHaveTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("activations", 17);
  for (const Shape& shape : {Shape{1, 3, 11, 13}, Shape{1001}, Shape{}}) {
    const Tensor x = Floats(random, shape, true);
    for (const char* op : {"Relu", "HardSigmoid", "HardSwish", "LeakyRelu", "Abs", "Neg", "Sqrt"}) {
      all.Add(op, {x});
    }
    all.Add("HardSigmoid", {x}, {{"alpha", 0.17F}, {"beta", 0.4F}});
    all.Add("Clip", {x, Tensor::Scalar(0.0F), Tensor::Scalar(6.0F)});
    all.Add("Clip", {x, {}, Tensor::Scalar(-1.0F)});
    all.Add("Clip", {x, Tensor::Scalar(2.0F), Tensor::Scalar(1.0F)});
  }
  all.Add("Clip", {Integers<std::int8_t>(random, {100}), Tensor::Scalar<std::int8_t>(-5),
                   Tensor::Scalar<std::int8_t>(77)});
  all.Add("Relu", {Integers<std::int8_t>(random, {100})});
  all.Add("Relu", {Integers<std::int32_t>(random, {100})});
  all.Run();
}

TEST(OnnxRuntime, BatchNormalizationHasTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("batch_normalization", 15);
  for (const Shape& shape : {Shape{2, 5, 7, 9}, Shape{1, 5}, Shape{3, 5, 33}}) {
    Tensor variance = Scales(random, 5);
    all.Add("BatchNormalization",
            {Floats(random, shape), Floats(random, {5}), Floats(random, {5}), Floats(random, {5}),
             variance},
            {{"epsilon", 1e-3F}});
  }
  all.Run();
}

/// The floats next to every tie of a quantization by `scale`.
Tensor NearTies(float scale) {
  std::vector<float> values;
  for (int k = -140; k < 140; ++k) {
    const float tie = (static_cast<float>(k) + 0.5F) * scale;
    values.insert(values.end(), {std::nextafter(tie, -1e9F), tie, std::nextafter(tie, 1e9F)});
  }
  return Tensor::Of<float>({static_cast<std::int64_t>(values.size())}, values);
}

TEST(OnnxRuntime, QuantizationHasTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("quantization", 13);
  for (const bool special : {false, true}) {
    const Tensor x = Floats(random, {2, 6, 7, 9}, special);
    all.Add("QuantizeLinear", {x, Scales(random, 1), Tensor::Scalar<std::int8_t>(-3)});
    all.Add("QuantizeLinear", {x, Scales(random, 1), Tensor::Scalar<std::uint8_t>(130)});
    all.Add("QuantizeLinear", {x, Tensor::Scalar(0.0625F), Tensor::Scalar<std::uint8_t>(7)});
    all.Add("QuantizeLinear", {x, Scales(random, 1)});
    all.Add("QuantizeLinear", {x, Scales(random, 6), Integers<std::int8_t>(random, {6})});
    all.Add("QuantizeLinear", {x, Scales(random, 9), Integers<std::uint8_t>(random, {9})},
            {{"axis", std::int64_t{-1}}});
  }
  for (int trial = 0; trial < 20; ++trial) {
    const Tensor scale = Scales(random, 1);
    all.Add("QuantizeLinear",
            {NearTies(scale.As<float>()[0]), scale, Tensor::Scalar<std::int8_t>(5)});
  }
  const Tensor s8 = Integers<std::int8_t>(random, {2, 6, 50});
  const Tensor u8 = Integers<std::uint8_t>(random, {2, 6, 50});
  all.Add("DequantizeLinear", {s8, Scales(random, 1), Tensor::Scalar<std::int8_t>(-3)});
  all.Add("DequantizeLinear", {u8, Scales(random, 6), Integers<std::uint8_t>(random, {6})});
  all.Add("DequantizeLinear", {Integers<std::int32_t>(random, {2, 6, 50}), Scales(random, 1)});
  all.Add("DequantizeLinear", {Integers<std::int32_t>(random, {6, 50}), Scales(random, 6)},
          {{"axis", std::int64_t{0}}});
  all.Run();
}

TEST(OnnxRuntime, IntegerProductsHaveTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("integer_products", 17);
  struct Case {
    Shape x, w;
    std::map<std::string, Attribute> attributes;
  };
  const std::vector<Case> cases = {
      {{2, 8, 9, 11}, {5, 8, 3, 3}, {{"pads", Ints{1, 1, 1, 1}}}},
      {{1, 12, 10, 7}, {12, 1, 5, 5}, {{"pads", Ints{2, 2, 2, 2}}, {"group", std::int64_t{12}}}},
      {{1, 6, 9, 9}, {4, 3, 3, 2}, {{"strides", Ints{2, 3}}, {"group", std::int64_t{2}}}},
      {{1, 3, 12, 12}, {2, 3, 3, 3}, {{"strides", Ints{2, 2}}, {"auto_pad", "SAME_UPPER"}}},
      {{1, 64, 5, 5}, {33, 64, 1, 1}, {}},
      {{2, 3, 20}, {4, 3, 5}, {{"strides", Ints{2}}, {"pads", Ints{2, 1}}}},
  };
  for (const Case& c : cases) {
    const std::int64_t features = c.w[0];
    const Tensor x = Integers<std::int8_t>(random, c.x), w = Integers<std::int8_t>(random, c.w);
    const Tensor bias = Integers<std::int32_t>(random, {features}, -20000, 20000);
    const Tensor zero = Tensor::Scalar<std::int8_t>(0);
    const Tensor zeros = Tensor(ElementType::kInt8, {features});
    all.Add("QLinearConv",
            {x, Scales(random, 1), Tensor::Scalar<std::int8_t>(-7), w, Scales(random, features),
             zeros, Tensor::Scalar(1.5F), Tensor::Scalar<std::int8_t>(11), bias},
            c.attributes);
    all.Add("QLinearConv",
            {x, Scales(random, 1), zero, w, Scales(random, 1), zero, Tensor::Scalar(0.9F), zero},
            c.attributes);
    all.Add("ConvInteger",
            {Integers<std::uint8_t>(random, c.x), Integers<std::uint8_t>(random, c.w),
             Tensor::Scalar<std::uint8_t>(101), Tensor::Scalar<std::uint8_t>(130)},
            c.attributes);
  }
  for (const auto& [a, b] : std::vector<std::pair<Shape, Shape>>{
           {{5, 37}, {37, 9}}, {{2, 3, 4, 20}, {20, 6}}, {{2, 1, 4, 8}, {3, 8, 5}}}) {
    all.Add("MatMulInteger", {Integers<std::uint8_t>(random, a), Integers<std::uint8_t>(random, b),
                              Tensor::Scalar<std::uint8_t>(9), Tensor::Scalar<std::uint8_t>(200)});
    all.Add("QLinearMatMul",
            {Integers<std::int8_t>(random, a), Scales(random, 1), Tensor::Scalar<std::int8_t>(3),
             Integers<std::int8_t>(random, b), Scales(random, 1), Tensor::Scalar<std::int8_t>(0),
             Tensor::Scalar(0.8F), Tensor::Scalar<std::int8_t>(-9)});
  }
  all.Run();
}

TEST(OnnxRuntime, PoolingHasTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("pooling", 12);
  const std::vector<std::map<std::string, Attribute>> windows = {
      {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{2, 2}}},
      {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}},
      {{"kernel_shape", Ints{3, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}},
      {{"kernel_shape", Ints{3, 3}}, {"auto_pad", "SAME_LOWER"}},
  };
  for (const auto& window : windows) {
    const Shape shape = {2, 3, 10, 13};
    all.Add("MaxPool", {Floats(random, shape)}, window);
    all.Add("MaxPool", {Floats(random, shape)}, window, {}, 2);
    all.Add("MaxPool", {Integers<std::int8_t>(random, shape)}, window);
    all.Add("MaxPool", {Integers<std::uint8_t>(random, shape)}, window);
  }
  all.Add(
      "MaxPool", {Floats(random, {1, 2, 9, 9})},
      {{"kernel_shape", Ints{3, 3}}, {"dilations", Ints{2, 3}}, {"storage_order", std::int64_t{1}}},
      {}, 2);
  // With ceil_mode the last window would start in the padding, and is left out.
  all.Add("MaxPool", {Floats(random, {1, 2, 11, 14})},
          {{"kernel_shape", Ints{2, 2}},
           {"strides", Ints{3, 3}},
           {"pads", Ints{0, 0, 1, 1}},
           {"ceil_mode", std::int64_t{1}}});
  all.Add("MaxPool", {Floats(random, {1, 2, 30})}, {{"kernel_shape", Ints{4}}});
  all.Add("MaxPool", {Floats(random, {1, 2, 5, 6, 7})}, {{"kernel_shape", Ints{2, 3, 2}}});
  all.Add("GlobalMaxPool", {Floats(random, {2, 3, 7, 9})});
  all.Run();
}

#if defined(__x86_64__)  // elsewhere a vector maximum may prefer the other zero
TEST(OnnxRuntime, MaxPoolOfZerosOfBothSignsHasTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  const auto zeros = [&](Shape shape) {
    std::vector<float> values(static_cast<std::size_t>(ElementCount(shape)));
    for (float& value : values) {
      constexpr float kValues[] = {0.0F, -0.0F, -1.0F};
      value = kValues[random.Below(3)];
    }
    return Tensor::Of<float>(std::move(shape), values);
  };
  Comparison all("zeros", 13);
  for (const std::int64_t width : {16, 17, 19, 23}) {
    for (const Ints& kernel : {Ints{2, 2}, Ints{3, 3}, Ints{1, 2}, Ints{5, 4}}) {
      for (const std::int64_t stride : {1, 2, 3}) {
        all.Add("MaxPool", {zeros({1, 2, 11, width})},
                {{"kernel_shape", kernel}, {"strides", Ints{stride, stride}}});
      }
    }
    all.Add("MaxPool", {zeros({1, 2, 11, width})},
            {{"kernel_shape", Ints{3, 3}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 1, 1, 1}}});
    all.Add("MaxPool", {zeros({1, 2, 11, width})},
            {{"kernel_shape", Ints{2, 2}}, {"dilations", Ints{2, 2}}});
    all.Add("MaxPool", {zeros({1, 2, width})}, {{"kernel_shape", Ints{3}}});
    all.Add("MaxPool", {zeros({1, 2, 5, 6, width})}, {{"kernel_shape", Ints{2, 2, 2}}});
  }
  all.Run();
}
#endif

TEST(OnnxRuntime, MovementHasTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("movement", 17);
  const Tensor x = Floats(random, {2, 3, 5, 7});
  const Tensor q = Integers<std::int8_t>(random, {2, 3, 5, 7});
  const Tensor pads = Longs({0, 1, 2, 3, 1, 0, 1, 2});
  all.Add("Concat", {x, x, Floats(random, {2, 3, 1, 7})}, {{"axis", std::int64_t{-2}}});
  all.Add("Concat", {q, q}, {{"axis", std::int64_t{1}}});
  all.Add("Split", {x, Longs({1, 0, 4})}, {{"axis", std::int64_t{2}}}, {}, 3);
  all.Add("Slice", {x, Longs({1, -1}), Longs({99, -99}), Longs({1, -1}), Longs({1, -2})});
  all.Add("Slice", {q, Longs({3}), Longs({1}), Longs({2})});
  all.Add("Transpose", {q}, {{"perm", Ints{0, 2, 3, 1}}});
  all.Add("Transpose", {x});
  all.Add("Pad", {x, pads, Tensor::Scalar(1.5F)});
  all.Add("Pad", {q, pads}, {{"mode", "edge"}});
  all.Add("Pad", {x, Longs({0, 1, 2, 3, 0, 2, 4, 6})}, {{"mode", "reflect"}});
  all.Add("Pad", {x, Longs({0, 0, -1, 2, 0, 0, -2, -3})});
  all.Add("Gather", {x, Tensor::Of<std::int64_t>({2, 2}, std::vector<std::int64_t>{0, -1, 4, 2})},
          {{"axis", std::int64_t{2}}});
  all.Add("Reshape", {x, Longs({0, -1, 7})});
  all.Add("Flatten", {x}, {{"axis", std::int64_t{-1}}});
  all.Add("Unsqueeze", {x, Longs({-1, 0})});
  all.Add("Shape", {x}, {{"start", std::int64_t{-3}}, {"end", std::int64_t{3}}});
  all.Add("Identity", {q});
  for (const std::int64_t to : {1, 2, 3, 6, 7, 9}) {
    all.Add("Cast", {Integers<std::int32_t>(random, {50}, -300, 300)}, {{"to", to}});
    if (to != 2 && to != 3) all.Add("Cast", {x}, {{"to", to}});
  }
  all.Run();
}

TEST(OnnxRuntime, NearestResizingHasTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("resize", 13);
  const std::vector<std::pair<float, float>> scales = {
      {2.0F, 3.0F}, {0.5F, 0.3F}, {1.7F, 2.5F}, {1.0F, 0.6F}, {0.75F, 1.25F}};
  for (const char* coordinates : {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric",
                                  "tf_half_pixel_for_nn"}) {
    for (const char* nearest : {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}) {
      for (const auto& [h, w] : scales) {
        all.Add("Resize",
                {Floats(random, {1, 2, 8, 9}),
                 {},
                 Tensor::Of<float>({4}, std::vector<float>{1.0F, 1.0F, h, w})},
                {{"coordinate_transformation_mode", coordinates}, {"nearest_mode", nearest}});
      }
      all.Add("Resize", {Floats(random, {1, 2, 8, 9}), {}, {}, Longs({1, 2, 5, 20})},
              {{"coordinate_transformation_mode", coordinates}, {"nearest_mode", nearest}});
    }
  }
  for (int trial = 0; trial < 60; ++trial) {
    const float scale = 0.1F * static_cast<float>(random.Between(1, 40));
    const std::int64_t width = random.Between(2, 60);
    const char* coordinates[] = {"half_pixel", "pytorch_half_pixel", "align_corners", "asymmetric",
                                 "tf_half_pixel_for_nn"};
    const char* nearest[] = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"};
    if (static_cast<float>(width) * scale < 1.0F) continue;
    all.Add("Resize",
            {Floats(random, {1, 1, 1, width}),
             {},
             Tensor::Of<float>({4}, std::vector<float>{1.0F, 1.0F, 1.0F, scale})},
            {{"coordinate_transformation_mode", coordinates[random.Below(5)]},
             {"nearest_mode", nearest[random.Below(4)]}});
  }
  all.Run();
}

TEST(OnnxRuntime, OldOperatorSetsHaveTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison seven("opset7", 9);
  const Tensor x = Floats(random, {2, 3, 8, 5});
  seven.Add("Clip", {x}, {{"min", -0.5F}, {"max", 0.5F}});
  seven.Add("Slice", {x}, {{"starts", Ints{1, -3}}, {"ends", Ints{9, -1}}, {"axes", Ints{1, 2}}});
  seven.Add("Pad", {x}, {{"pads", Ints{0, 0, 1, 2, 0, 0, 3, 0}}, {"value", 2.5F}});
  seven.Add("Squeeze", {Floats(random, {1, 3, 1})}, {{"axes", Ints{2}}});
  seven.Add("Unsqueeze", {x}, {{"axes", Ints{0}}});
  seven.Add("Split", {x}, {{"axis", std::int64_t{2}}, {"split", Ints{3, 5}}}, {}, 2);
  seven.Add("Upsample", {x, Tensor::Of<float>({4}, std::vector<float>{1, 1, 2, 3})});
  seven.Add("Dropout", {x});
  seven.Run();
  Comparison ten("opset10", 10);
  for (const float scale : {2.0F, 0.5F, 1.7F, 0.6F}) {
    ten.Add("Resize", {x, Tensor::Of<float>({4}, std::vector<float>{1, 1, scale, scale})});
  }
  ten.Run();
}

TEST(OnnxRuntime, AveragePoolingHasTheSameBits) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("average_pooling", 13);
  const std::vector<std::map<std::string, Attribute>> windows = {
      {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}},
      {{"kernel_shape", Ints{3, 5}}, {"strides", Ints{2, 2}}, {"pads", Ints{1, 2, 1, 0}}},
      {{"kernel_shape", Ints{4, 2}}, {"strides", Ints{3, 3}}},
      {{"kernel_shape", Ints{3, 2}}, {"strides", Ints{2, 2}}, {"ceil_mode", std::int64_t{1}}},
      {{"kernel_shape", Ints{3, 3}}, {"auto_pad", "SAME_UPPER"}},
      {{"kernel_shape", Ints{20, 33}}},
      {{"kernel_shape", Ints{40, 50}}},
  };
  for (const auto& window : windows) {
    for (const std::int64_t include : {0, 1}) {
      auto attributes = window;
      attributes["count_include_pad"] = include;
      all.Add("AveragePool", {Floats(random, {2, 3, 40, 50})}, attributes);
    }
  }
  all.Add("AveragePool", {Floats(random, {2, 3, 40})}, {{"kernel_shape", Ints{7}}});
  all.Add("AveragePool", {Floats(random, {2, 3, 6, 7, 8})}, {{"kernel_shape", Ints{2, 3, 4}}});
  const Tensor zeros = Tensor::Of<float>({1, 1, 6, 6}, std::vector<float>(36, -0.0F));
  all.Add("AveragePool", {zeros}, {{"kernel_shape", Ints{3, 3}}, {"pads", Ints{1, 1, 1, 1}}});
  all.Add("AveragePool", {zeros}, {{"kernel_shape", Ints{2, 2}}, {"strides", Ints{3, 3}}});
  all.Add("GlobalAveragePool", {zeros});
  for (const std::int64_t width : {2044, 2045, 2046, 3000}) {
    all.Add("AveragePool", {Floats(random, {1, 1, 3, width})}, {{"kernel_shape", Ints{2, 3}}});
  }
  for (const Shape& shape : {Shape{2, 3, 40, 50}, Shape{1, 9, 3, 12}, Shape{1, 4, 7, 7},
                             Shape{1, 4, 1, 1}, Shape{2, 3, 1, 3}, Shape{2, 3, 11}}) {
    all.Add("GlobalAveragePool", {Floats(random, shape)});
  }
  all.Run();
}

/// The tensor with the signs removed.
Tensor Magnitudes(const Tensor& tensor) {
  Tensor result = tensor;
  for (float& value : result.As<float>()) value = std::fabs(value);
  return result;
}

// Both sums of K products are within (K + 1) 2^-24 sum |a b| of the exact one, whatever their
// order.
TEST(OnnxRuntime, FloatProductsStayWithinTheBoundOfAnySummationOrder) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  struct Case {
    std::string op;
    std::vector<Tensor> inputs;
    std::map<std::string, Attribute> attributes;
    int terms;  ///< products and bias of one sum
  };
  const std::vector<Case> cases = {
      {"Conv",
       {Floats(random, {1, 16, 12, 13}), Floats(random, {20, 16, 3, 3}), Floats(random, {20})},
       {{"pads", Ints{1, 1, 1, 1}}},
       145},
      {"Conv",
       {Floats(random, {2, 8, 12, 12}), Floats(random, {8, 1, 5, 5})},
       {{"group", std::int64_t{8}}, {"strides", Ints{2, 1}}},
       25},
      {"Conv", {Floats(random, {1, 300, 5, 5}), Floats(random, {7, 300, 1, 1})}, {}, 300},
      {"MatMul", {Floats(random, {2, 3, 9, 200}), Floats(random, {3, 200, 17})}, {}, 200},
      {"Gemm",
       {Floats(random, {60, 9}), Floats(random, {11, 60}), Floats(random, {11})},
       {{"transA", std::int64_t{1}}, {"transB", std::int64_t{1}}, {"alpha", 0.5F}},
       62},
  };
  Network network;
  network.name = "products";
  network.opset = 13;
  Tensors inputs;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    Node node;
    node.op = cases[i].op;
    node.name = "n" + std::to_string(i);
    node.attributes = cases[i].attributes;
    node.outputs = {node.name + "_out"};
    for (std::size_t k = 0; k < cases[i].inputs.size(); ++k) {
      node.inputs.push_back(node.name + "_" + std::to_string(k));
      const Tensor& tensor = cases[i].inputs[k];
      network.inputs.push_back(node.inputs.back());
      network.values[node.inputs.back()] = {tensor.type(), tensor.shape(), true, {}};
      inputs.emplace(node.inputs.back(), tensor);
    }
    network.outputs.push_back(node.outputs[0]);
    network.nodes.push_back(node);
  }
  const Tensors got = ExecuteNetwork(network, inputs);
  const Tensors expected = RunOnnxRuntime(network, inputs, network.name);
  Tensors magnitudes;
  for (const auto& [name, tensor] : inputs) magnitudes.emplace(name, Magnitudes(tensor));
  const Tensors sums = ExecuteNetwork(network, magnitudes);
  for (std::size_t i = 0; i < cases.size(); ++i) {
    const std::string& name = network.outputs[i];
    const auto g = got.at(name).As<float>(), e = expected.at(name).As<float>();
    const auto sum = sums.at(name).As<float>();
    ASSERT_EQ(g.size(), e.size());
    for (std::size_t k = 0; k < g.size(); ++k) {
      const double bound = 2.0 * (cases[i].terms + 1) * 0x1p-24 * sum[k];
      ASSERT_LE(std::fabs(double{g[k]} - double{e[k]}), bound) << name << " element " << k;
    }
  }
}

TEST(OnnxRuntime, InexactOperatorsStayWithinTheStatedBounds) {
  SYSTOLE_NEED_ONNX_RUNTIME();
  Stimulus random(kSeed);
  Comparison all("inexact", 13);
  const Tensor x = Floats(random, {2, 3, 40, 50});
  all.Add("Sigmoid", {x}, {}, {0, 2.5e-7});
  all.Add("Exp", {x}, {}, {1e-6, 0});
  all.Add("Softmax", {x}, {}, {1e-6, 0});
  all.Add("Softmax", {x}, {{"axis", std::int64_t{1}}}, {1e-6, 0});
  all.Add("ReduceMean", {x}, {{"axes", Ints{2, 3}}}, {1e-6, 1e-6});
  all.Add("Pow", {x, Tensor::Scalar(1.7F)}, {}, {1e-6, 0});
  for (const char* mode : {"half_pixel", "asymmetric", "align_corners", "pytorch_half_pixel"}) {
    for (const float scale : {2.0F, 1.5F, 3.0F}) {
      const Tensor scales = Tensor::Of<float>({4}, std::vector<float>{1, 1, scale, 2.0F});
      all.Add("Resize", {Floats(random, {2, 3, 6, 5}), {}, scales},
              {{"mode", "linear"}, {"coordinate_transformation_mode", mode}}, {1e-6, 1e-5});
    }
  }
  const Tensor channels = Floats(random, {2, 96, 5, 7});
  for (const std::int64_t size : {1, 3, 5, 97}) {
    all.Add("LRN", {channels}, {{"size", size}, {"alpha", 0.5F}, {"beta", 0.6F}, {"bias", 2.0F}},
            {1e-5, 0});  // a sum that slides over 96 channels
    all.Add("LRN", {channels}, {{"size", size}}, {1e-6, 0});
  }
  all.Run();
}

}  // namespace
}  // namespace systole
