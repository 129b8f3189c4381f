// SPDX-License-Identifier: Apache-2.0
#include "sw/quant/quantize.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <utility>

#include "base/error.h"
#include "sw/ir/graph.h"
#include "sw/quant/calibrate.h"
#include "sw/quant/fuse_qdq.h"
#include "sw/quant/plan.h"
#include "sw/quant/prepare.h"
#include "sw/quant/weights.h"

namespace systole {
namespace {

using quant::QuantParams;

/// Writes the planned network in QDQ form: what becomes integer stays a float operator between
/// DequantizeLinear and QuantizeLinear. FuseQdq makes the QOperator form of it.
class QdqWriter {
 public:
  QdqWriter(const Network& network, const quant::QuantPlan& plan,
            std::map<std::string, QuantParams> params, ElementType activations)
      : in_(network),
        plan_(plan),
        params_(std::move(params)),
        type_(activations),
        out_(network),
        names_(network) {
    out_.nodes.clear();
  }

  Network Write() {
    for (const std::string& name : in_.inputs) {
      if (plan_.group.contains(name)) QuantizeFloatTensor(name);
    }
    for (std::size_t i = 0; i < in_.nodes.size(); ++i) WriteNode(i);
    RemoveUnused(out_);
    return std::move(out_);
  }

 private:
  struct ParamNames {
    std::string scale, zero;
  };

  const QuantParams& ParamsOf(const std::string& tensor) const {
    return params_.at(plan_.group.at(tensor));
  }

  /// Scale and zero point of a tensor's group as initializers, made once.
  const ParamNames& ParamNamesOf(const std::string& tensor) {
    const std::string& group = plan_.group.at(tensor);
    const auto [entry, fresh] = param_names_.try_emplace(group);
    if (fresh) {
      const QuantParams& params = params_.at(group);
      Tensor zero = type_ == ElementType::kUint8
                        ? Tensor::Scalar(static_cast<std::uint8_t>(params.zero))
                        : Tensor::Scalar(static_cast<std::int8_t>(params.zero));
      entry->second = {AddConstant(out_, names_, group + "_scale", Tensor::Scalar(params.scale)),
                       AddConstant(out_, names_, group + "_zero_point", std::move(zero))};
    }
    return entry->second;
  }

  void Add(const std::string& op, const std::string& name, std::vector<std::string> inputs,
           const std::string& output, std::map<std::string, Attribute> attributes = {}) {
    out_.nodes.push_back(
        {names_.Fresh(name), op, "", std::move(inputs), {output}, std::move(attributes)});
  }

  /// `source` -> QuantizeLinear -> DequantizeLinear -> `dequantized`, named after `tensor`.
  void AddConversion(const std::string& tensor, const std::string& source,
                     const std::string& dequantized) {
    const ParamNames& names = ParamNamesOf(tensor);
    const std::string quantized = names_.Fresh(tensor + "_quantized");
    Add("QuantizeLinear", tensor + "_QuantizeLinear", {source, names.scale, names.zero}, quantized);
    Add("DequantizeLinear", tensor + "_DequantizeLinear", {quantized, names.scale, names.zero},
        dequantized);
  }

  /// A tensor that float operators make: they and float readers keep it, integer readers get the
  /// converted one.
  void QuantizeFloatTensor(const std::string& name) {
    const std::string converted = names_.Fresh(name + "_dequantized");
    AddConversion(name, name, converted);
    converted_[name] = converted;
  }

  std::string AddWeights(const std::string& name, const Tensor& values, const Tensor& scale,
                         const Tensor* zero, std::int64_t axis) {
    std::vector<std::string> inputs = {AddConstant(out_, names_, name + "_quantized", values),
                                       AddConstant(out_, names_, name + "_scale", scale)};
    if (zero != nullptr) {
      inputs.push_back(AddConstant(out_, names_, name + "_zero_point", *zero));
    }
    std::string output = names_.Fresh(name + "_dequantized");
    Add("DequantizeLinear", name + "_DequantizeLinear", std::move(inputs), output,
        {{"axis", axis}});
    return output;
  }

  /// The tensor that the array node's result becomes integer as: its own, or the clamp's behind it.
  const std::string& ResultOf(const Node& node) const {
    if (plan_.made_of_integers.contains(node.outputs[0])) return node.outputs[0];
    for (const Node& reader : in_.nodes) {
      if (!reader.inputs.empty() && reader.inputs[0] == node.outputs[0]) return reader.outputs[0];
    }
    throw RunError(fmt::format("{}: its result has no reader", Describe(node)));
  }

  void QuantizeConstants(Node& node) {
    const Tensor* weights = in_.Constant(node.inputs[1]);
    if (weights == nullptr) return;  // MatMul of two activations
    const std::string bias_name = InputOrEmpty(node, 2);
    const bool channels_last = node.op == "MatMul";
    const quant::QuantizedWeights q =
        quant::QuantizeWeights(*weights, in_.Constant(bias_name), ParamsOf(node.inputs[0]).scale,
                               ParamsOf(ResultOf(node)).scale, channels_last, Describe(node));
    const std::int64_t axis = channels_last ? 1 : 0;
    node.inputs[1] = AddWeights(node.inputs[1], q.weights, q.scale, &q.zero, axis);
    if (!bias_name.empty()) {
      node.inputs[2] = AddWeights(bias_name, q.bias, q.bias_scale, nullptr, 0);
    }
  }

  void WriteNode(std::size_t i) {
    Node node = in_.nodes[i];
    const bool integer = plan_.array_nodes.contains(i) || plan_.moving_nodes.contains(i);
    if (plan_.array_nodes.contains(i)) QuantizeConstants(node);
    for (std::string& input : node.inputs) {
      const auto converted = converted_.find(input);
      if (integer && converted != converted_.end()) input = converted->second;
    }
    std::vector<std::string> conversions;
    for (std::string& output : node.outputs) {
      if (!plan_.group.contains(output)) continue;
      conversions.push_back(output);
      if (plan_.made_of_integers.contains(output)) output = names_.Fresh(output + "_float");
    }
    out_.nodes.push_back(node);
    for (const std::string& tensor : conversions) {
      if (plan_.made_of_integers.contains(tensor)) {
        // One output has a scale at most: array and moving nodes have one output.
        AddConversion(tensor, out_.nodes.back().outputs[0], tensor);
      } else {
        QuantizeFloatTensor(tensor);
      }
    }
  }

  const Network& in_;
  const quant::QuantPlan& plan_;
  const std::map<std::string, QuantParams> params_;
  const ElementType type_;
  Network out_;
  NameSource names_;
  std::map<std::string, ParamNames> param_names_;
  std::map<std::string, std::string> converted_;
};

void CheckRequest(const Network& network, const std::vector<Tensors>& calibration,
                  const QuantizeOptions& options) {
  std::vector<Problem> problems;
  if (options.activations != ElementType::kInt8 && options.activations != ElementType::kUint8) {
    problems.push_back({fmt::format("activations cannot be {}", ToString(options.activations)),
                        "choose int8 or uint8"});
  }
  if (!(options.percentile > 50 && options.percentile <= 100)) {
    problems.push_back({fmt::format("percentile {} is out of range", options.percentile),
                        "choose one above 50 and at most 100, e.g. 99.99"});
  }
  if (calibration.empty()) {
    problems.push_back({"there are no inputs to calibrate with",
                        "give at least one set of inputs that is typical for the network"});
  }
  std::set<std::string> names;
  for (const Node& node : network.nodes) {
    names.insert(node.name);
    if (node.op == "QuantizeLinear" || node.op == "DequantizeLinear" ||
        node.op.starts_with("QLinear") || node.op == "ConvInteger" || node.op == "MatMulInteger") {
      problems.push_back({fmt::format("the network is quantized already: {}", Describe(node)), ""});
      break;
    }
  }
  for (const std::string& name : options.keep_float) {
    if (!names.contains(name)) {
      problems.push_back({fmt::format("the network has no node '{}' to leave float", name), ""});
    }
  }
  if (!problems.empty()) throw RequestError(std::move(problems));
}

std::map<std::string, QuantParams> ChooseAll(const quant::QuantPlan& plan,
                                             const std::map<std::string, quant::Range>& ranges,
                                             ElementType type) {
  std::map<std::string, quant::Range> groups;
  for (const auto& [tensor, group] : plan.group) {
    quant::Range& range = groups[group];  // 0 to 0: every range contains 0
    if (const auto seen = ranges.find(tensor); seen != ranges.end()) {
      range.low = std::min(range.low, seen->second.low);
      range.high = std::max(range.high, seen->second.high);
    }
  }
  std::map<std::string, QuantParams> params;
  for (const auto& [group, range] : groups) params[group] = quant::ChooseParams(range, type);
  return params;
}

}  // namespace

Network Quantize(const Network& float_network, const std::vector<Tensors>& calibration,
                 const QuantizeOptions& options) {
  CheckRequest(float_network, calibration, options);
  const Network prepared = quant::PrepareForQuantization(float_network, calibration.front());
  const quant::QuantPlan plan = quant::PlanQuantization(prepared, options.keep_float);
  if (plan.array_nodes.empty()) {
    throw RequestError("nothing to quantize: no Conv, Gemm or MatMul with constant float weights");
  }
  std::set<std::string> tensors;
  for (const auto& [tensor, group] : plan.group) tensors.insert(tensor);
  const auto ranges = quant::Calibrate(prepared, calibration, tensors, options);
  Network qdq =
      QdqWriter(prepared, plan, ChooseAll(plan, ranges, options.activations), options.activations)
          .Write();
  if (options.format == QuantFormat::kQOperator) qdq = FuseQdq(qdq);
  CheckNetwork(qdq);
  return qdq;
}

}  // namespace systole
