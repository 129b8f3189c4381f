// SPDX-License-Identifier: Apache-2.0
#include "sw/trace/program.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <set>

#include "base/error.h"
#include "sw/ir/graph.h"
#include "sw/ir/macs.h"
#include "sw/trace/program_builder.h"

namespace systole {
namespace {

// The picture in docs/trace.md.
constexpr Address kWeights = 0x1000'0000, kActivations = 0x4000'0000, kWorkspace = 0x6000'0000;
constexpr Address kStackLimit = 0x7ff0'0000, kStackTop = 0x7fff'f000;

void CheckOptions(const ProgramOptions& options) {
  const std::int64_t align = options.alignment;
  if (align < 8 || align > 4096 || !std::has_single_bit(static_cast<std::uint64_t>(align))) {
    throw RequestError(fmt::format("an alignment of {} is no power of two from 8 to 4096", align));
  }
  const GemmBlocking& b = options.blocks;
  for (const std::int64_t size : {b.rows, b.depth, b.columns}) {
    if (size < 1 || size > (1 << 20)) {
      throw RequestError(fmt::format("a block size of {} is out of range: 1 to 1048576", size));
    }
  }
  if (b.rows % 4 != 0 || b.columns % 4 != 0) {
    throw RequestError("rows and columns of a block must be multiples of 4, the inner kernel's");
  }
}

/// Nodes whose output is the input.
bool Renames(const std::string& op) {
  static const std::set<std::string> kOps = {"Dropout", "Flatten", "Identity",
                                             "Reshape", "Squeeze", "Unsqueeze"};
  return kOps.contains(op);
}

NodeBuilder FindBuilder(const std::string& op) {
  for (const auto entries : {ProductBuilders(), LayerBuilders(), MovementBuilders()}) {
    for (const NodeBuilderEntry& entry : entries) {
      if (entry.op == op) return entry.build;
    }
  }
  return nullptr;
}

}  // namespace

TraceType TraceTypeOf(ElementType type) {
  switch (type) {
    case ElementType::kFloat32:
      return TraceType::kFloat32;
    case ElementType::kInt8:
      return TraceType::kInt8;
    case ElementType::kUint8:
      return TraceType::kUint8;
    default:
      throw RequestError("tensors of " + ToString(type) +
                         " are not supported by a traced program: float32, int8 and uint8 are");
  }
}

ElementType ElementTypeOf(TraceType type) {
  switch (type) {
    case TraceType::kFloat32:
      return ElementType::kFloat32;
    case TraceType::kInt8:
      return ElementType::kInt8;
    case TraceType::kUint8:
      return ElementType::kUint8;
  }
  return ElementType::kUndefined;
}

ProgramBuilder::ProgramBuilder(const Network& network, const ProgramOptions& options,
                               MemoryImage& image)
    : network_(network),
      options_(options),
      image_(image),
      readers_(CountReaders(network)),
      weights_("weights", kWeights, kActivations, options.alignment),
      activations_("activations", kActivations, kWorkspace, options.alignment),
      workspace_("workspace", kWorkspace, kStackLimit, options.alignment) {}

ValueType ProgramBuilder::Value(const std::string& name) const {
  const std::optional<ValueType> value = FindValue(network_, name);
  if (!value || !value->has_shape ||
      std::any_of(value->shape.begin(), value->shape.end(), [](auto d) { return d < 1; })) {
    throw RequestError("the shape of '" + name + "' is not known or empty");
  }
  return *value;
}

const Tensor& ProgramBuilder::Constant(const Node& node, std::size_t input,
                                       const char* what) const {
  const Tensor* tensor = network_.Constant(InputOrEmpty(node, input));
  if (tensor == nullptr) throw RequestError(std::string(what) + " must be a constant");
  return *tensor;
}

bool ProgramBuilder::HasInput(const Node& node, std::size_t input) const {
  return !InputOrEmpty(node, input).empty();
}

Address ProgramBuilder::AddBytes(std::span<const std::byte> bytes) {
  const Address at = weights_.Allocate(static_cast<std::int64_t>(bytes.size()));
  std::memcpy(image_.At(at), bytes.data(), bytes.size());
  return at;
}

Address ProgramBuilder::AddressOf(const std::string& name) {
  if (const auto blob = blob_of_.find(name); blob != blob_of_.end()) {
    return blobs_[blob->second].address;
  }
  const Tensor* constant = network_.Constant(name);
  if (constant == nullptr) throw RequestError("the tensor '" + name + "' is not there");
  TraceTypeOf(constant->type());
  const auto [entry, added] = constants_.try_emplace(name, 0);
  if (added) entry->second = AddBytes(constant->bytes());
  return entry->second;
}

void ProgramBuilder::Enter(const std::string& name, std::size_t blob) {
  const ValueType value = Value(name);
  const auto readers = readers_.find(name);
  blobs_[blob].readers += readers == readers_.end() ? 0 : readers->second;
  blob_of_[name] = blob;
  program_.tensors[name] = {TraceTypeOf(value.type), value.shape, blobs_[blob].address};
}

Address ProgramBuilder::Make(const std::string& name) {
  const ValueType value = Value(name);
  const std::int64_t bytes = ElementCount(value.shape) * BytesOf(TraceTypeOf(value.type));
  blobs_.push_back({activations_.Allocate(bytes), 0});
  Enter(name, blobs_.size() - 1);
  return blobs_.back().address;
}

Address ProgramBuilder::MakeInPlace(const Node& node) {
  const auto blob = blob_of_.find(node.inputs[0]);
  const auto& inputs = program_.inputs;
  const bool is_input = std::find(inputs.begin(), inputs.end(), node.inputs[0]) != inputs.end();
  if (blob == blob_of_.end() || is_input || blobs_[blob->second].readers != 1 ||
      Value(node.inputs[0]).type != Value(node.outputs[0]).type) {
    return Make(node.outputs[0]);
  }
  Enter(node.outputs[0], blob->second);
  return blobs_[blob->second].address;
}

void ProgramBuilder::Alias(const Node& node) {
  const auto blob = blob_of_.find(node.inputs[0]);
  if (blob == blob_of_.end())
    throw RequestError("the tensor '" + node.inputs[0] + "' is a constant");
  if (ElementCount(Value(node.inputs[0]).shape) != ElementCount(Value(node.outputs[0]).shape)) {
    throw RequestError("input and output differ in size");
  }
  Enter(node.outputs[0], blob->second);
}

void ProgramBuilder::NeedWorkspace(std::int64_t ConvWorkspace::*use, std::int64_t bytes) {
  workspace_bytes_.*use = std::max(workspace_bytes_.*use, bytes);
}

void ProgramBuilder::PlaceWorkspace() {
  const Address column = workspace_.Allocate(workspace_bytes_.column);
  const Address packed_a = workspace_.Allocate(workspace_bytes_.packed_a);
  const Address packed_b = workspace_.Allocate(workspace_bytes_.packed_b);
  const Address sums = workspace_.Allocate(workspace_bytes_.sums);
  for (TraceOp& op : program_.ops) {
    if (ConvOp* conv = std::get_if<ConvOp>(&op)) {
      conv->column = column;
      conv->packed_a = packed_a;
      conv->packed_b = packed_b;
      conv->sums = sums;
    }
  }
}

void ProgramBuilder::Release(const std::string& name) {
  const auto blob = blob_of_.find(name);
  if (blob == blob_of_.end()) return;
  Blob& b = blobs_[blob->second];
  if (--b.readers == 0 && options_.reuse_blobs) activations_.Free(b.address);
}

void ProgramBuilder::AddNode(const Node& node) {
  const NodeBuilder build = FindBuilder(node.op);
  const bool renames = Renames(node.op);
  if ((build == nullptr && !renames) || !(node.domain.empty() || node.domain == "ai.onnx")) {
    throw RequestError("the operator is not supported by a traced program");
  }
  if (InputOrEmpty(node, 0).empty() || node.outputs.empty() || node.outputs[0].empty()) {
    throw RequestError("the first input or output is missing");
  }
  if (renames) {
    Alias(node);
  } else {
    const std::size_t first = program_.ops.size();
    build(*this, node);
    ProgramLayer layer{.name = node.name,
                       .op = node.op,
                       .first_op = first,
                       .op_count = program_.ops.size() - first,
                       .macs = CountMacs(network_, node).value_or(0)};
    for (std::size_t i = first; i < program_.ops.size(); ++i) {
      layer.estimate += EstimateAccesses(program_.ops[i]);
    }
    program_.layers.push_back(std::move(layer));
  }
  for (const std::string& input : node.inputs) Release(input);
}

Program ProgramBuilder::Build() && {
  CheckOptions(options_);
  if (image_.size() < kStackTop) {
    throw RequestError("a program needs a memory image of at least 31 address bits");
  }
  program_.inputs = network_.inputs;
  program_.outputs = network_.outputs;
  program_.stack = kStackTop;
  for (const std::string& input : network_.inputs) Make(input);
  for (const Node& node : network_.nodes) {
    try {
      AddNode(node);
    } catch (const RequestError& error) {
      throw RequestError(Describe(node) + ": " + error.what());
    }
  }
  for (const std::string& output : network_.outputs) {
    if (!program_.tensors.contains(output)) {
      throw RequestError("the output '" + output + "' is made by no node");
    }
  }
  PlaceWorkspace();
  for (const BlobArena* arena : {&weights_, &activations_, &workspace_}) {
    program_.segments.push_back({arena->name(), arena->begin(), arena->end()});
  }
  program_.segments.push_back({"stack", kStackLimit, kStackTop});
  return std::move(program_);
}

Program BuildProgram(const Network& network, const ProgramOptions& options, MemoryImage& image) {
  CheckOptions(options);
  return ProgramBuilder(network, options, image).Build();
}

void WriteTensorTo(const Program& program, MemoryImage& image, const std::string& name,
                   const Tensor& tensor) {
  const auto found = program.tensors.find(name);
  if (found == program.tensors.end())
    throw RequestError("the program has no tensor '" + name + "'");
  const ProgramTensor& place = found->second;
  if (tensor.type() != ElementTypeOf(place.type) || tensor.shape() != place.shape) {
    throw RequestError(fmt::format("'{}' is {} of {}, but {} of {} is given", name,
                                   ToString(place.shape), ToString(ElementTypeOf(place.type)),
                                   ToString(tensor.shape()), ToString(tensor.type())));
  }
  std::memcpy(image.At(place.address), tensor.bytes().data(), tensor.bytes().size());
}

Tensor ReadTensorFrom(const Program& program, const MemoryImage& image, const std::string& name) {
  const auto found = program.tensors.find(name);
  if (found == program.tensors.end())
    throw RequestError("the program has no tensor '" + name + "'");
  const ProgramTensor& place = found->second;
  Tensor tensor(ElementTypeOf(place.type), place.shape);
  std::memcpy(tensor.bytes().data(), image.At(place.address), tensor.bytes().size());
  return tensor;
}

}  // namespace systole
