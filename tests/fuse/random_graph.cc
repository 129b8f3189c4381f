// SPDX-License-Identifier: Apache-2.0
#include "tests/fuse/random_graph.h"

#include <fmt/format.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/quant/graph_builder.h"

namespace systole {
namespace {

/// A tensor of the graph: 1 x channels x height x width.
struct Plane {
  std::string name;
  std::int64_t channels = 0, height = 0, width = 0;
};

class Grower : public GraphBuilder {
 public:
  Grower(Stimulus& random, const RandomGraphOptions& options) : random_(random), options_(options) {
    network_.opset = options.opset;
  }

  Network Run() {
    Plane at{"x", Pick(2, 5), Pick(6, 11), Pick(6, 11)};
    Input("x", {1, at.channels, at.height, at.width});
    const std::int64_t steps = Pick(3, 9);
    for (std::int64_t i = 0; i < steps; ++i) at = Step(at);
    at = Depthwise(at);
    for (std::int64_t i = 0; i < Pick(1, 4); ++i) at = Step(at);
    std::vector<std::string> outputs = {random_.Chance(80) ? Classify(at) : Pointwise(at).name};
    // A tensor from anywhere may be an output too.
    if (random_.Chance(60)) outputs.push_back(made_[random_.Below(made_.size())].name);
    if (outputs.size() == 2 && outputs[0] == outputs[1]) outputs.pop_back();
    RemoveDead(outputs);
    return Build(outputs);
  }

 private:
  std::int64_t Pick(std::int64_t low, std::int64_t high) { return random_.Between(low, high); }
  std::string Name(const std::string& stem) { return fmt::format("{}{}", stem, ++count_); }

  /// Nodes that no output needs.
  void RemoveDead(const std::vector<std::string>& outputs) {
    std::set<std::string> needed(outputs.begin(), outputs.end());
    for (auto node = network_.nodes.rbegin(); node != network_.nodes.rend(); ++node) {
      if (needed.contains(node->outputs[0])) {
        needed.insert(node->inputs.begin(), node->inputs.end());
      }
    }
    std::erase_if(network_.nodes, [&](const Node& n) { return !needed.contains(n.outputs[0]); });
    std::erase_if(network_.initializers, [&](const auto& e) { return !needed.contains(e.first); });
  }

  Plane Made(const Plane& from, const std::string& op, const std::vector<std::string>& constants,
             std::map<std::string, Attribute> attributes = {}) {
    Plane to = from;
    to.name = Name(op);
    std::vector<std::string> inputs = {from.name};
    inputs.insert(inputs.end(), constants.begin(), constants.end());
    Add(op, inputs, to.name, std::move(attributes));
    made_.push_back(to);
    return to;
  }

  std::string Values(const std::string& stem, Shape shape) {
    const std::string name = Name(stem);
    Random(name, std::move(shape), random_);
    return name;
  }

  Plane Step(const Plane& at) {
    switch (random_.Below(14)) {
      case 0:
      case 1:
      case 2:
        return Depthwise(at);
      case 3:
      case 4:
        return Pointwise(at);
      case 5:
        return Normalize(at);
      case 6:
      case 7:
        return Activate(at);
      case 8:
        return Gate(at);
      case 9:
        return Pool(at);
      case 10:
        return Made(at, random_.Chance(128) ? "Mul" : "Add",
                    {Values("c", random_.Chance(128) ? Shape{at.channels, 1, 1} : Shape{1})});
      case 11:
        return Join(at);
      case 12:
        return Attend(at);
      default:
        return Swish(at);
    }
  }

  Plane Depthwise(const Plane& at) {
    const std::int64_t multiplier = random_.Chance(64) ? 2 : 1;
    const std::int64_t rows = 1 + 2 * ((Pick(0, 5) + 1) / 2), cols = 1 + 2 * ((Pick(0, 4) + 1) / 2);
    const std::int64_t dilation = random_.Chance(40) ? 2 : 1;
    std::vector<std::int64_t> pads, strides = {Pick(1, 2), Pick(1, 2)};
    for (int i = 0; i < 4; ++i) pads.push_back(Pick(0, 3));
    const auto size = [&](std::int64_t in, std::int64_t k, std::size_t axis) {
      const std::int64_t room = in + pads[axis] + pads[axis + 2] - (k - 1) * dilation - 1;
      return room < 0 ? 0 : room / strides[axis] + 1;
    };
    Plane to = at;
    to.channels = at.channels * multiplier;
    to.height = size(at.height, rows, 0);
    to.width = size(at.width, cols, 1);
    if (to.height < 1 || to.width < 1 || to.height * to.width > 400) return at;
    const std::string weights = Name("w");
    Constant(weights, Kernels(to.channels, rows, cols));
    std::vector<std::string> constants = {weights};
    if (random_.Chance(128)) constants.push_back(Values("b", {to.channels}));
    to.name = Made(at, "Conv", constants,
                   {{"group", at.channels},
                    {"pads", pads},
                    {"strides", strides},
                    {"dilations", std::vector<std::int64_t>{dilation, dilation}}})
                  .name;
    made_.back() = to;
    return to;
  }

  Tensor Kernels(std::int64_t count, std::int64_t rows, std::int64_t cols) {
    Tensor weights = RandomTensor({count, 1, rows, cols}, random_);
    if (!options_.exact) return weights;
    auto values = weights.As<float>();
    const auto size = static_cast<std::size_t>(rows * cols);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (rows > 1 && cols > 1 && i % size != size / 2) values[i] = 0;
    }
    return weights;
  }

  Plane Pointwise(const Plane& at) {
    const std::int64_t channels = Pick(2, 6);
    std::vector<std::string> constants = {Values("w", {channels, at.channels, 1, 1})};
    if (random_.Chance(128)) constants.push_back(Values("b", {channels}));
    Plane to = Made(at, "Conv", constants);
    to.channels = channels;
    made_.back() = to;
    return to;
  }

  Plane Normalize(const Plane& at) {
    std::vector<std::string> constants;
    for (const char* stem : {"scale", "offset", "mean"}) {
      constants.push_back(Values(stem, {at.channels}));
    }
    constants.push_back(Name("variance"));
    Floats(constants.back(), {at.channels},
           std::vector<float>(static_cast<std::size_t>(at.channels), 0.75F));
    return Made(at, "BatchNormalization", constants);
  }

  Plane Activate(const Plane& at) {
    const char* operators[] = {"Relu", "LeakyRelu", "Sigmoid", "HardSigmoid", "Identity", "Clip"};
    const std::string op = operators[random_.Below(6)];
    if (op != "Clip") return Made(at, op, {});
    if (options_.opset < 11) return Made(at, op, {}, {{"min", 0.0F}, {"max", 1.0F}});
    const std::string low = Name("low"), high = Name("high");
    Floats(low, {}, {0.0F}).Floats(high, {}, {1.0F});
    return Made(at, op, {low, high});
  }

  Plane Swish(const Plane& at) {
    const Plane gate = Made(at, "HardSigmoid", {});
    return Made(at, "Mul", {gate.name});
  }

  Plane Gate(const Plane& at) {
    Plane pooled = random_.Chance(128)
                       ? Made(at, "GlobalAveragePool", {})
                       : Made(at, "ReduceMean", {}, {{"axes", std::vector<std::int64_t>{-1, 2}}});
    pooled.height = pooled.width = 1;
    made_.back() = pooled;
    pooled = Made(Pointwise(pooled), "Relu", {});
    pooled = Made(pooled, "Conv", {Values("w", {at.channels, pooled.channels, 1, 1})});
    pooled.channels = at.channels;
    made_.back() = pooled;
    pooled = Made(pooled, "Sigmoid", {});
    return Made(at, "Mul", {pooled.name});
  }

  /// A factor of one channel for each pixel.
  Plane Attend(const Plane& at) {
    Plane map = Made(at, "Conv", {Values("w", {1, at.channels, 1, 1})});
    map.channels = 1;
    made_.back() = map;
    map = Made(map, "Sigmoid", {});
    return Made(at, "Mul", {map.name});
  }

  Plane Pool(const Plane& at) {
    if (options_.opset < 11 && random_.Chance(64)) {
      Plane padded =
          Made(at, "Pad", {}, {{"pads", std::vector<std::int64_t>{0, 0, 1, 0, 0, 0, 0, 2}}});
      padded.height += 1;
      padded.width += 2;
      return made_.back() = padded;
    }
    if (at.height < 2 || at.width < 2) return at;
    const std::vector<std::int64_t> kernel = {2, 2};
    Plane to =
        Made(at, random_.Chance(128) ? "MaxPool" : "AveragePool", {}, {{"kernel_shape", kernel}});
    to.height -= 1;
    to.width -= 1;
    made_.back() = to;
    return to;
  }

  /// With an earlier tensor of the same size, or with itself.
  Plane Join(const Plane& at) {
    std::vector<Plane> same;
    for (const Plane& plane : made_) {
      if (plane.height == at.height && plane.width == at.width) same.push_back(plane);
    }
    if (same.empty()) return at;
    const Plane other = same[random_.Below(same.size())];
    if (other.channels == at.channels && random_.Chance(170)) {
      return Made(at, random_.Chance(170) ? "Add" : "Mul", {other.name});
    }
    if (at.channels + other.channels > 12) return at;
    Plane to = Made(at, "Concat", {other.name}, {{"axis", std::int64_t{1}}});
    to.channels += other.channels;
    made_.back() = to;
    return to;
  }

  std::string Classify(const Plane& at) {
    const std::int64_t features = at.channels * at.height * at.width;
    const std::string flat = Name("flat"), result = Name("scores");
    Add("Flatten", {at.name}, flat);
    Add("Gemm", {flat, Values("m", {features, 4}), Values("b", {4})}, result);
    return result;
  }

  Stimulus& random_;
  const RandomGraphOptions options_;
  std::vector<Plane> made_;
  int count_ = 0;
};

}  // namespace

Network RandomGraph(Stimulus& random, const RandomGraphOptions& options) {
  return Grower(random, options).Run();
}

}  // namespace systole
