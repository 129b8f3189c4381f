// SPDX-License-Identifier: Apache-2.0
// Networks that are valid graphs and wrong otherwise: attributes, constants and operators that do
// not fit. Fuse refuses or replaces; it throws nothing but RequestError and breaks no graph.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <limits>

#include "base/error.h"
#include "sw/fuse/fuse.h"
#include "sw/quant/quantize.h"
#include "tests/fuse/block.h"
#include "tests/fuse/random_graph.h"

namespace systole {
namespace {

using Weights = FuseOptions::Weights;

constexpr std::uint64_t kSeed = 21;

template <typename Container>
auto& AnyOf(Container& container, Stimulus& random) {
  return *std::next(container.begin(), static_cast<std::ptrdiff_t>(random.Below(container.size())));
}

std::int64_t OddNumber(Stimulus& random) {
  const std::int64_t numbers[] = {-1,
                                  0,
                                  1,
                                  2,
                                  3,
                                  7,
                                  1 << 30,
                                  std::numeric_limits<std::int64_t>::max(),
                                  std::numeric_limits<std::int64_t>::min()};
  return numbers[random.Below(std::size(numbers))];
}

void ChangeAttribute(Node& node, Stimulus& random) {
  static const std::vector<std::string> keys = {"group",        "pads",     "strides",  "dilations",
                                                "kernel_shape", "auto_pad", "axis",     "axes",
                                                "transB",       "keepdims", "allowzero"};
  const std::string key = keys[random.Below(keys.size())];
  switch (random.Below(4)) {
    case 0:
      node.attributes.erase(key);
      break;
    case 1:
      node.attributes[key] = OddNumber(random);
      break;
    case 2:
      node.attributes[key] = std::string(random.Chance(128) ? "SAME_UPPER" : "VALID");
      break;
    default: {
      std::vector<std::int64_t> values(random.Below(6));
      for (std::int64_t& value : values) value = OddNumber(random);
      node.attributes[key] = values;
    }
  }
}

void ChangeConstant(Network& network, Stimulus& random) {
  if (network.initializers.empty()) return;
  Tensor& tensor = AnyOf(network.initializers, random).second;
  Shape shape = tensor.shape();
  switch (random.Below(4)) {
    case 0:
      if (!shape.empty()) shape[random.Below(shape.size())] = random.Between(0, 4);
      break;
    case 1:
      shape.push_back(random.Between(1, 2));
      break;
    case 2:
      if (!shape.empty()) shape.pop_back();
      break;
    default:
      for (float value : {std::numeric_limits<float>::infinity(), 0.0F, -1.0F, 1e-44F}) {
        if (tensor.type() == ElementType::kFloat32 && tensor.size() > 0 && random.Chance(128)) {
          tensor.As<float>()[0] = value;
        }
      }
      return;
  }
  const ElementType types[] = {tensor.type(),       ElementType::kFloat32, ElementType::kInt8,
                               ElementType::kUint8, ElementType::kInt64,   ElementType::kFloat64};
  tensor = Tensor(random.Chance(192) ? tensor.type() : types[random.Below(6)], shape);
}

void ChangeNode(Network& network, Stimulus& random) {
  static const std::vector<std::string> operators = {"Conv",
                                                     "QLinearConv",
                                                     "ConvInteger",
                                                     "Gemm",
                                                     "MatMul",
                                                     "Mul",
                                                     "Add",
                                                     "Clip",
                                                     "Flatten",
                                                     "Reshape",
                                                     "Squeeze",
                                                     "ReduceMean",
                                                     "BatchNormalization",
                                                     "DequantizeLinear",
                                                     "QuantizeLinear",
                                                     "GlobalAveragePool",
                                                     "Resize",
                                                     "Pad",
                                                     "Concat",
                                                     "Unknown"};
  Node& node = AnyOf(network.nodes, random);
  switch (random.Below(6)) {
    case 0:
      node.op = operators[random.Below(operators.size())];
      break;
    case 1:
      if (!node.inputs.empty()) node.inputs.pop_back();
      break;
    case 2:
      if (!node.inputs.empty()) AnyOf(node.inputs, random) = "x";
      break;
    case 3:
      if (!node.inputs.empty() && !network.initializers.empty()) {
        AnyOf(node.inputs, random) = AnyOf(network.initializers, random).first;
      }
      break;
    case 4:
      node.inputs.push_back(random.Chance(128) ? "" : "x");
      break;
    default:
      ChangeAttribute(node, random);
  }
}

bool IsGraph(const Network& network) {
  try {
    CheckNetwork(network);
    return true;
  } catch (const RequestError&) {
    return false;
  }
}

TEST(HostileNetworks, AreRefusedOrReplacedButNeverBreak) {
  Stimulus random(kSeed);
  int tried = 0, refused = 0, replaced = 0;
  for (int trial = 0; trial < 2000; ++trial) {
    SCOPED_TRACE(fmt::format("seed {}, trial {}", kSeed, trial));
    Network network = RandomGraph(random, {.exact = false});
    if (trial % 4 == 0) {
      QuantizeOptions options;
      options.format = random.Chance(128) ? QuantFormat::kQdq : QuantFormat::kQOperator;
      network = Quantize(network, {InputsFor(network, 1)}, options);
    }
    for (std::uint64_t i = 0; i <= random.Below(3); ++i) {
      random.Chance(128) ? ChangeNode(network, random) : ChangeConstant(network, random);
    }
    if (!IsGraph(network)) continue;
    ++tried;
    FuseReport report;
    try {
      const Network fused =
          Fuse(network,
               {.half = random.Chance(128),
                .weights = random.Chance(128) ? Weights::kSeparated : Weights::kProjected},
               &report);
      CheckNetwork(fused);
      EXPECT_EQ(fused.outputs, network.outputs);
    } catch (const RequestError&) {
      ++refused;
    }
    replaced += report.replaced.empty() ? 0 : 1;
  }
  fmt::print("{} tried, {} refused, {} with layers replaced\n", tried, refused, replaced);
  EXPECT_GT(tried, 1000);
  EXPECT_GT(refused, 5);
  EXPECT_GT(replaced, 200);
}

}  // namespace
}  // namespace systole
