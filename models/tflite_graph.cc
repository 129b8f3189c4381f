// SPDX-License-Identifier: Apache-2.0
#include "models/tflite_graph.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "base/error.h"
#include "models/append_node.h"

namespace systole::models {
namespace {

constexpr int kDequantize = 6, kDensify = 124;
constexpr int kFloat32 = 0;
/// All constants of a model together.
constexpr std::int64_t kMaxElements = std::int64_t{1} << 27;
/// No plane is larger.
constexpr std::int64_t kMaxExtent = 65536;

}  // namespace

TfliteGraph::TfliteGraph(const TfliteModel& model, std::string origin)
    : model_(model), origin_(std::move(origin)) {
  network_.name = origin_;
  network_.opset = 13;
}

void TfliteGraph::Refuse(const std::string& why) const {
  throw RequestError(fmt::format("{}: {}{}{}", origin_, at_, at_.empty() ? "" : ": ", why));
}

void TfliteGraph::AddInput() {
  if (model_.inputs.size() != 1) Refuse("one input is supported");
  const TfliteTensor& input = model_.tensors[static_cast<std::size_t>(model_.inputs[0])];
  const Shape& shape = input.shape;
  const bool good = shape.size() == 4 && input.type == kFloat32 &&
                    std::all_of(shape.begin() + 1, shape.end(),
                                [](auto extent) { return extent >= 1 && extent <= kMaxExtent; });
  if (!good) Refuse("the input is no float32 batch x height x width x channels");
  network_.inputs = {"input"};
  network_.values["input"] = {
      ElementType::kFloat32, {-1, shape[3], shape[1], shape[2]}, true, {"batch", "", "", ""}};
  values_[model_.inputs[0]] = {"input", {1, shape[1], shape[2], shape[3]}};
}

Network TfliteGraph::Convert() {
  AddInput();
  for (std::size_t i = 0; i < model_.operators.size(); ++i) {
    const TfliteOperator& op = model_.operators[i];
    at_ = fmt::format("operator {}", i);
    if (op.inputs.empty() || op.outputs.size() != 1) Refuse("one output of some input is wanted");
    if (values_.contains(op.outputs[0]) || constants_.contains(op.outputs[0])) {
      Refuse("its output is made twice");
    }
    if (op.code == kDensify || op.code == kDequantize) {
      PassConstant(op);
    } else {
      Run(op);
    }
  }
  at_.clear();
  for (const std::int64_t output : model_.outputs) {
    const auto found = values_.find(output);
    if (found == values_.end()) Refuse("an output is made by no operator");
    const Value& value = found->second;
    if (value.pads != decltype(value.pads){}) Refuse("an output is padded by PAD");
    if (value.name == "input") Refuse("an output is the input");
    network_.outputs.push_back(value.name);
    network_.values[value.name] = {ElementType::kFloat32, {}, false, {}};
  }
  if (network_.outputs.empty()) Refuse("it has no output");
  CheckNetwork(network_);
  return std::move(network_);
}

void TfliteGraph::PassConstant(const TfliteOperator& op) {
  const Tensor* constant = Constant(op, 0);
  if (constant == nullptr || constant->type() != ElementType::kFloat32) {
    Refuse("DENSIFY and DEQUANTIZE are supported on constant floats only");
  }
  constants_[op.outputs[0]] = *constant;
}

void TfliteGraph::Run(const TfliteOperator& op) {
  const auto kind = Kinds().find(op.code);
  if (kind == Kinds().end()) Refuse(fmt::format("builtin operator {} is not supported", op.code));
  at_ += fmt::format(" ({})", kind->second.name);
  Value value = (this->*kind->second.handler)(op);
  const Shape& declared = model_.tensors[static_cast<std::size_t>(op.outputs[0])].shape;
  if (!std::equal(value.shape.begin() + 1, value.shape.end(),
                  declared.begin() + (declared.empty() ? 0 : 1), declared.end())) {
    Refuse(fmt::format("its output is {}, not {}", ToString(value.shape), ToString(declared)));
  }
  values_[op.outputs[0]] = std::move(value);
}

TfliteGraph::Value TfliteGraph::PaddedIn(const TfliteOperator& op, std::size_t index) {
  const auto found = index < op.inputs.size() ? values_.find(op.inputs[index]) : values_.end();
  if (found == values_.end()) Refuse(fmt::format("input {} is computed by nothing", index));
  if (!found->second.plane) Refuse(fmt::format("input {} is no plane any more", index));
  return found->second;
}

TfliteGraph::Value TfliteGraph::In(const TfliteOperator& op, std::size_t index) {
  Value value = PaddedIn(op, index);
  if (value.pads == decltype(value.pads){}) return value;
  const auto [top, left, bottom, right] = value.pads;
  const std::string name = NextName("pad");
  const std::string pads = AddConstant(
      name + "/pads", Tensor::Of<std::int64_t>(
                          {8}, std::vector<std::int64_t>{0, 0, top, left, 0, 0, bottom, right}));
  AddNode("Pad", name, {value.name, pads});
  value.name = name;
  value.pads = {0, 0, 0, 0};
  return value;
}

const Tensor* TfliteGraph::Constant(const TfliteOperator& op, std::size_t index) {
  if (index >= op.inputs.size() || op.inputs[index] < 0) return nullptr;
  const std::int64_t tensor = op.inputs[index];
  if (const auto found = constants_.find(tensor); found != constants_.end()) {
    return &found->second;
  }
  if (values_.contains(tensor)) Refuse(fmt::format("input {} is no constant", index));
  const TfliteTensor& source = model_.tensors[static_cast<std::size_t>(tensor)];
  if (source.bytes.empty()) Refuse(fmt::format("input {} is computed by nothing", index));
  elements_ += ElementCount(source.shape);
  if (elements_ > kMaxElements) Refuse("the constants are too large");
  Tensor constant = ConstantOf(source, origin_);
  if (constant.type() == ElementType::kFloat32) {
    for (const float value : constant.As<float>()) {
      if (!std::isfinite(value)) {
        Refuse(fmt::format("tensor \"{}\" has values that are not finite", source.name));
      }
    }
  }
  return &constants_.emplace(tensor, std::move(constant)).first->second;
}

std::vector<std::int64_t> TfliteGraph::IntegersOf(const TfliteOperator& op, std::size_t index) {
  const Tensor* constant = Constant(op, index);
  if (constant == nullptr || constant->type() != ElementType::kInt32) {
    Refuse(fmt::format("input {} is no constant of int32", index));
  }
  const auto values = constant->As<std::int32_t>();
  return {values.begin(), values.end()};
}

std::int64_t TfliteGraph::Option(const TfliteOperator& op, int field, std::int64_t fallback,
                                 bool wide) const {
  if (!op.options) return fallback;
  return wide ? op.options->Int32(field, fallback) : op.options->Int8(field, fallback);
}

std::string TfliteGraph::NextName(const std::string& kind) {
  return fmt::format("{}{}", kind, ++numbers_[kind]);
}

Node& TfliteGraph::AddNode(const std::string& op, const std::string& name,
                           std::vector<std::string> inputs) {
  return AppendNode(network_, op, name, std::move(inputs));
}

std::string TfliteGraph::AddConstant(const std::string& name, Tensor tensor) {
  network_.initializers[name] = std::move(tensor);
  return name;
}

TfliteGraph::Value TfliteGraph::Activate(Value in, std::int64_t activation) {
  constexpr std::int64_t kNone = 0, kRelu = 1, kRelu6 = 3;
  switch (activation) {
    case kNone:
      return in;
    case kRelu:
      in.name = AddNode("Relu", in.name + "/relu", {in.name}).name;
      return in;
    case kRelu6:
      in.name = AddNode("Clip", in.name + "/relu6",
                        {in.name, AddConstant("zero", Tensor::Scalar(0.0F)),
                         AddConstant("six", Tensor::Scalar(6.0F))})
                    .name;
      return in;
    default:
      Refuse(fmt::format("fused activation {} is not supported", activation));
  }
}

}  // namespace systole::models
