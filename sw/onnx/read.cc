// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "base/error.h"
#include "base/file.h"
#include "sw/onnx/names.h"
#include "sw/onnx/onnx_io.h"
#include "sw/onnx/tensor_proto.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

constexpr int kMinOpset = 6;
constexpr int kMaxOpset = 18;

/// External data of one model may take no more memory than one tensor may.
constexpr std::uint64_t kMaxExternalBytes = static_cast<std::uint64_t>(kMaxTensorBytes);

/// Where a model's tensors come from.
class Source {
 public:
  explicit Source(fs::path folder) : folder_(std::move(folder)) {}

  /// Counts a tensor that will be loaded. Many tensors may lie over one another in a small file:
  /// their sum is checked before memory is taken.
  void Reserve(const onnx::TensorProto& proto, const std::string& what) {
    if (proto.data_location() != onnx::TensorProto::EXTERNAL) return;
    external_ += TensorBytes(proto, what);
    if (external_ > kMaxExternalBytes) {
      throw RequestError(
          fmt::format("{}: the model's external data exceed {} bytes", what, kMaxExternalBytes));
    }
  }

  Tensor Load(const onnx::TensorProto& proto, const std::string& what) const {
    return TensorFromProto(proto, folder_, what);
  }

 private:
  fs::path folder_;
  std::uint64_t external_ = 0;
};

/// How messages name a node before it has its final name.
std::string Describe(const onnx::NodeProto& node) {
  if (!node.name().empty()) return fmt::format("node '{}' ({})", node.name(), node.op_type());
  if (node.output_size() > 0) {
    return fmt::format("node of output '{}' ({})", node.output(0), node.op_type());
  }
  return fmt::format("a nameless node ({})", node.op_type());
}

bool IsDefaultDomain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

/// True if every operator of the graph means the same in version `opset` as in the oldest version
/// that we read.
bool UnchangedSince(const onnx::GraphProto& graph, std::int64_t opset) {
  return std::all_of(graph.node().begin(), graph.node().end(), [&](const onnx::NodeProto& node) {
    const onnx::OpSchema* schema =
        onnx::OpSchemaRegistry::Schema(node.op_type(), kMinOpset, node.domain());
    return schema != nullptr && schema->SinceVersion() <= opset;
  });
}

int FindOpset(const onnx::ModelProto& model) {
  std::int64_t opset = 0;
  for (const auto& entry : model.opset_import()) {
    if (IsDefaultDomain(entry.domain())) opset = entry.version();
  }
  if (model.opset_import_size() == 0 && model.ir_version() < 3) opset = 1;  // before opsets existed
  if (opset == 0) throw RequestError("the model imports no ai.onnx operator set");
  if (opset > 0 && opset < kMinOpset && UnchangedSince(model.graph(), opset)) return kMinOpset;
  if (opset < kMinOpset || opset > kMaxOpset) {
    throw RequestError(fmt::format("the model uses operator set {}; {} to {} are supported", opset,
                                   kMinOpset, kMaxOpset),
                       "export the model with operator set 13, or convert it");
  }
  return static_cast<int>(opset);
}

/// The type of an attribute; files of IR version 1 leave the field out.
int AttributeType(const onnx::AttributeProto& attribute) {
  using Type = onnx::AttributeProto;
  if (attribute.type() != Type::UNDEFINED) return attribute.type();
  if (attribute.has_f()) return Type::FLOAT;
  if (attribute.has_i()) return Type::INT;
  if (attribute.has_s()) return Type::STRING;
  if (attribute.has_t()) return Type::TENSOR;
  if (attribute.has_g() || attribute.graphs_size() > 0) return Type::GRAPH;
  if (attribute.floats_size() > 0) return Type::FLOATS;
  if (attribute.ints_size() > 0) return Type::INTS;
  if (attribute.strings_size() > 0) return Type::STRINGS;
  return Type::UNDEFINED;
}

Attribute ConvertAttribute(const onnx::AttributeProto& attribute, Source& source,
                           const std::string& who) {
  using Type = onnx::AttributeProto;
  const std::string what = fmt::format("{}: attribute '{}'", who, attribute.name());
  if (!attribute.ref_attr_name().empty()) {
    throw RequestError(fmt::format("{} refers to a function's attribute", what));
  }
  switch (AttributeType(attribute)) {
    case Type::FLOAT:
      return attribute.f();
    case Type::INT:
      return attribute.i();
    case Type::STRING:
      return attribute.s();
    case Type::TENSOR:
      source.Reserve(attribute.t(), what);
      return source.Load(attribute.t(), what);
    case Type::FLOATS:
      return std::vector<float>(attribute.floats().begin(), attribute.floats().end());
    case Type::INTS:
      return std::vector<std::int64_t>(attribute.ints().begin(), attribute.ints().end());
    case Type::STRINGS:
      return std::vector<std::string>(attribute.strings().begin(), attribute.strings().end());
    case Type::GRAPH:
    case Type::GRAPHS:
      throw RequestError(
          fmt::format("{} is a subgraph: control flow (If, Loop, Scan) is not supported", what),
          "export the model without control flow");
    case Type::SPARSE_TENSOR:
    case Type::SPARSE_TENSORS:
      throw RequestError(fmt::format("{} is a sparse tensor, which is not supported", what));
    case Type::UNDEFINED:
      throw RequestError(fmt::format("{} has no value", what));
    default:
      throw RequestError(fmt::format("{} has a type that is not supported", what));
  }
}

void CheckNames(const onnx::NodeProto& node) {
  CheckedName(node.name(), "the node name");
  CheckedName(node.op_type(), "the operator");
  CheckedName(node.domain(), "the operator domain");
  for (const std::string& input : node.input()) CheckedName(input, "the tensor name");
  for (const std::string& output : node.output()) CheckedName(output, "the tensor name");
  for (const auto& attribute : node.attribute()) {
    CheckedName(attribute.name(), "the attribute name");
  }
}

Node ConvertNode(const onnx::NodeProto& proto, Source& source) {
  CheckNames(proto);
  const std::string who = Describe(proto);
  if (proto.op_type().empty()) throw RequestError(fmt::format("{} has no operator", who));
  if (!IsDefaultDomain(proto.domain())) {
    throw RequestError(fmt::format("{} is of operator domain '{}'; only ai.onnx is supported", who,
                                   proto.domain()));
  }
  Node node;
  node.name = proto.name();
  node.op = proto.op_type();
  node.inputs.assign(proto.input().begin(), proto.input().end());
  node.outputs.assign(proto.output().begin(), proto.output().end());
  for (const auto& attribute : proto.attribute()) {
    if (!node.attributes.emplace(attribute.name(), ConvertAttribute(attribute, source, who))
             .second) {
      throw RequestError(fmt::format("{}: attribute '{}' is given twice", who, attribute.name()));
    }
  }
  return node;
}

/// The value of a Constant node, from whichever attribute holds it.
Tensor ConstantValue(const Node& node, const std::string& who) {
  if (node.attributes.size() != 1) {
    throw RequestError(fmt::format("{} must have exactly one attribute, its value", who));
  }
  const auto& [key, value] = *node.attributes.begin();
  if (key == "value") {
    if (const auto* tensor = std::get_if<Tensor>(&value)) return *tensor;
  } else if (key == "value_int") {
    if (const auto* number = std::get_if<std::int64_t>(&value)) return Tensor::Scalar(*number);
  } else if (key == "value_float") {
    if (const auto* number = std::get_if<float>(&value)) return Tensor::Scalar(*number);
  } else if (key == "value_ints") {
    if (const auto* list = std::get_if<std::vector<std::int64_t>>(&value)) {
      return Tensor::Of({static_cast<std::int64_t>(list->size())}, *list);
    }
  } else if (key == "value_floats") {
    if (const auto* list = std::get_if<std::vector<float>>(&value)) {
      return Tensor::Of({static_cast<std::int64_t>(list->size())}, *list);
    }
  }
  throw RequestError(
      fmt::format("{}: attribute '{}' is no dense numeric tensor, which is needed", who, key));
}

ValueType ConvertType(const onnx::TypeProto& proto, const std::string& what) {
  if (!proto.has_tensor_type()) {
    throw RequestError(fmt::format("{} is no dense tensor, which is needed", what));
  }
  ValueType value;
  value.type = ElementTypeFromProto(proto.tensor_type().elem_type(), what);
  value.has_shape = proto.tensor_type().has_shape();
  Shape known;  // for the check of the element count: unknown dimensions as 1
  bool symbolic = false;
  for (const auto& dim : proto.tensor_type().shape().dim()) {
    // Some exporters write -1 for a dimension that is not known.
    const std::int64_t size = dim.has_dim_value() ? dim.dim_value() : -1;
    if (size < -1) {
      throw RequestError(fmt::format("{} has a dimension of {}", what, size));
    }
    value.shape.push_back(size);
    value.symbols.push_back(CheckedName(dim.dim_param(), "the dimension name"));
    symbolic = symbolic || !dim.dim_param().empty();
    known.push_back(size < 0 ? 1 : size);
  }
  if (!symbolic) value.symbols.clear();
  try {
    ElementCount(known);
  } catch (const RequestError& error) {
    throw RequestError(fmt::format("{}: {}", what, error.what()));
  }
  return value;
}

void AddInitializers(const onnx::GraphProto& graph, Source& source, Network& network) {
  if (graph.sparse_initializer_size() > 0) {
    throw RequestError(fmt::format("initializer '{}' is a sparse tensor, which is not supported",
                                   graph.sparse_initializer(0).values().name()));
  }
  const auto name = [](const onnx::TensorProto& proto) {
    return fmt::format("initializer '{}'", CheckedName(proto.name(), "the initializer name"));
  };
  for (const auto& proto : graph.initializer()) source.Reserve(proto, name(proto));
  for (const auto& proto : graph.initializer()) {
    const std::string what = name(proto);
    if (!network.initializers.emplace(proto.name(), source.Load(proto, what)).second) {
      throw RequestError(fmt::format("{} is defined twice", what));
    }
  }
}

void AddNodes(const onnx::GraphProto& graph, Source& source, Network& network) {
  for (const auto& proto : graph.node()) {
    Node node = ConvertNode(proto, source);
    if (node.op != "Constant") {
      network.nodes.push_back(std::move(node));
      continue;
    }
    const std::string who = Describe(proto);
    if (node.outputs.size() != 1 || !node.inputs.empty()) {
      throw RequestError(fmt::format("{} must have no input and one output", who));
    }
    if (!network.initializers.emplace(node.outputs[0], ConstantValue(node, who)).second) {
      throw RequestError(fmt::format("{}: tensor '{}' is defined twice", who, node.outputs[0]));
    }
  }
}

/// Nodes without a name are called by their operator and first output.
void NameNodes(Network& network) {
  std::set<std::string> names;
  std::map<std::string, int> next;  // the number to try for a name that is taken
  for (const Node& node : network.nodes) names.insert(node.name);
  for (Node& node : network.nodes) {
    if (!node.name.empty()) continue;
    std::string output;
    for (const std::string& candidate : node.outputs) {
      if (output.empty()) output = candidate;
    }
    const std::string base = fmt::format("{}_{}", node.op, output);
    node.name = base;
    int& number = next.emplace(base, 2).first->second;
    while (!names.insert(node.name).second) node.name = fmt::format("{}_{}", base, number++);
  }
}

void AddValues(const onnx::GraphProto& graph, Network& network) {
  for (const auto& info : graph.input()) {
    CheckedName(info.name(), "the network input");
    if (network.initializers.contains(info.name())) continue;  // its default value is used
    network.inputs.push_back(info.name());
    network.values[info.name()] =
        ConvertType(info.type(), fmt::format("network input '{}'", info.name()));
  }
  for (const auto& info : graph.output()) {
    CheckedName(info.name(), "the network output");
    network.outputs.push_back(info.name());
    if (info.has_type()) {
      network.values[info.name()] =
          ConvertType(info.type(), fmt::format("network output '{}'", info.name()));
    }
  }
  for (const auto& info : graph.value_info()) {
    if (network.values.contains(info.name()) || !info.type().has_tensor_type()) continue;
    CheckedName(info.name(), "the tensor name");
    network.values[info.name()] = ConvertType(info.type(), fmt::format("tensor '{}'", info.name()));
  }
}

/// Types of initializers are facts; types of names that the graph does not have are dropped.
void SettleValues(Network& network) {
  std::set<std::string> made(network.inputs.begin(), network.inputs.end());
  for (const Node& node : network.nodes) made.insert(node.outputs.begin(), node.outputs.end());
  std::erase_if(network.values, [&](const auto& entry) { return !made.contains(entry.first); });
  for (const auto& [name, tensor] : network.initializers) {
    network.values[name] = {tensor.type(), tensor.shape(), true, {}};
  }
}

Network ConvertModel(const std::string& bytes, const fs::path& folder) {
  const google::protobuf::LogSilencer silence;  // the user sees our line only
  onnx::ModelProto model;
  if (bytes.empty()) throw RequestError("is empty, not an ONNX model");
  if (bytes.size() > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
    throw RequestError("exceeds the 2 GiB of an ONNX file", "store the weights as external data");
  }
  if (!model.ParseFromString(bytes)) throw RequestError("is truncated or not an ONNX model");
  if (!model.has_graph()) throw RequestError("is not an ONNX model: it has no graph");
  if (model.functions_size() > 0) {
    throw RequestError(fmt::format("has a model-local function '{}', which is not supported",
                                   model.functions(0).name()),
                       "inline the model's functions");
  }
  Network network;
  network.opset = FindOpset(model);
  network.name = CheckedName(model.graph().name(), "the graph name");
  if (network.name.empty()) network.name = "graph";
  Source source(folder);
  AddInitializers(model.graph(), source, network);
  AddNodes(model.graph(), source, network);
  AddValues(model.graph(), network);
  NameNodes(network);
  SortNodes(network);
  CheckNetwork(network);
  SettleValues(network);
  return network;
}

}  // namespace

Network ReadOnnx(const fs::path& path) {
  const fs::path folder = path.has_parent_path() ? path.parent_path() : fs::path(".");
  return ParseOnnx(ReadFile(path), path.string(), folder);
}

Network ParseOnnx(const std::string& bytes, const std::string& origin, const fs::path& folder) {
  try {
    return ConvertModel(bytes, folder);
  } catch (const RequestError& error) {
    std::vector<Problem> problems = error.problems();
    for (Problem& problem : problems) problem.what = fmt::format("{}: {}", origin, problem.what);
    throw RequestError(std::move(problems));
  }
}

}  // namespace systole
