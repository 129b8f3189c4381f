// SPDX-License-Identifier: Apache-2.0
// Models damaged at random: each is refused with a RequestError or read, inferred and written.
// SYSTOLE_FUZZ_RUNS and SYSTOLE_FUZZ_SEED make the run longer or another one.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "base/stimulus.h"
#include "tests/onnx/model_builder.h"

namespace systole {
namespace {

namespace fs = std::filesystem;

std::uint64_t FromEnvironment(const char* name, std::uint64_t fallback) {
  const char* text = std::getenv(name);
  return text == nullptr ? fallback : std::strtoull(text, nullptr, 10);
}

/// Every 7th node case of Debian's test data (all operators) and the small model.
std::vector<onnx::ModelProto> Corpus() {
  std::vector<fs::path> paths;
  for (const char* group : {"node", "pytorch-converted", "simple"}) {
    for (const auto& entry :
         fs::directory_iterator(fs::path("/usr/share/libonnx-testdata/data") / group)) {
      if (fs::exists(entry.path() / "model.onnx")) paths.push_back(entry.path() / "model.onnx");
    }
  }
  std::sort(paths.begin(), paths.end());
  std::vector<onnx::ModelProto> models = {SmallModel()};
  for (std::size_t i = 0; i < paths.size(); i += 7) {
    onnx::ModelProto model;
    if (model.ParseFromString(ReadFile(paths[i]))) models.push_back(std::move(model));
  }
  return models;
}

std::int64_t Extreme(Stimulus& random) {
  static constexpr std::int64_t kValues[] = {0,
                                             1,
                                             -1,
                                             2,
                                             -2,
                                             3,
                                             7,
                                             64,
                                             1 << 20,
                                             std::int64_t{1} << 31,
                                             -5,
                                             -100,
                                             INT32_MIN,
                                             INT32_MAX,
                                             std::int64_t{1} << 40,
                                             std::numeric_limits<std::int64_t>::min(),
                                             std::numeric_limits<std::int64_t>::max()};
  return kValues[random.Below(std::size(kValues))];
}

template <typename Field>
int Pick(Stimulus& random, const Field& field) {
  return static_cast<int>(random.Below(static_cast<std::uint64_t>(field.size())));
}

/// A tensor name of the graph, or none.
std::string AnyName(Stimulus& random, const onnx::GraphProto& graph) {
  if (graph.node_size() == 0 || random.Chance(16)) return "";
  const onnx::NodeProto& node = graph.node(Pick(random, graph.node()));
  if (node.input_size() > 0 && random.Chance(128)) return node.input(Pick(random, node.input()));
  return node.output_size() > 0 ? node.output(0) : "";
}

void DamageAttribute(Stimulus& random, onnx::AttributeProto* attribute) {
  switch (random.Below(5)) {
    case 0:
      if (attribute->ints_size() > 0) {
        attribute->set_ints(Pick(random, attribute->ints()), Extreme(random));
      }
      break;
    case 1:
      attribute->set_i(Extreme(random));
      break;
    case 2:
      attribute->add_ints(Extreme(random));
      break;
    case 3:
      attribute->set_type(static_cast<onnx::AttributeProto::AttributeType>(random.Below(15)));
      break;
    default:
      attribute->clear_ints();
  }
}

void DamageNode(Stimulus& random, onnx::GraphProto* graph) {
  if (graph->node_size() == 0) return;
  onnx::NodeProto* node = graph->mutable_node(Pick(random, graph->node()));
  switch (random.Below(7)) {
    case 0:
      if (node->input_size() > 0) {
        node->set_input(Pick(random, node->input()), AnyName(random, *graph));
      }
      break;
    case 1:
      node->add_input(AnyName(random, *graph));
      break;
    case 2:
      if (node->input_size() > 0) node->mutable_input()->RemoveLast();
      break;
    case 3: {
      static const char* const kOperators[] = {
          "Conv",      "QLinearConv", "Reshape",   "Slice",          "Gather", "Concat",
          "Pad",       "Resize",      "MatMul",    "Gemm",           "Split",  "Squeeze",
          "Unsqueeze", "Expand",      "Tile",      "MaxPool",        "Shape",  "Flatten",
          "Add",       "Cast",        "Transpose", "ConstantOfShape"};
      node->set_op_type(kOperators[random.Below(std::size(kOperators))]);
      break;
    }
    case 4:
      node->add_output(fmt::format("extra{}", node->output_size()));
      break;
    default:
      if (node->attribute_size() > 0) {
        DamageAttribute(random, node->mutable_attribute(Pick(random, node->attribute())));
      } else {
        AddInts(node, "axes", {Extreme(random)});
      }
  }
}

/// Replaces an input of the network by a constant, so that what depends on its value is reached.
void FixInput(Stimulus& random, onnx::GraphProto* graph) {
  if (graph->input_size() == 0) return;
  const onnx::ValueInfoProto& info = graph->input(Pick(random, graph->input()));
  onnx::TensorProto* tensor = graph->add_initializer();
  tensor->set_name(info.name());
  tensor->set_data_type(onnx::TensorProto::INT64);
  const std::uint64_t count = random.Below(5);
  tensor->add_dims(static_cast<std::int64_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) tensor->add_int64_data(Extreme(random));
}

void DamageShapes(Stimulus& random, onnx::GraphProto* graph) {
  if (random.Chance(128) && graph->initializer_size() > 0) {
    onnx::TensorProto* tensor = graph->mutable_initializer(Pick(random, graph->initializer()));
    if (tensor->dims_size() > 0 && random.Chance(128)) {
      tensor->set_dims(Pick(random, tensor->dims()), Extreme(random));
    } else if (tensor->int64_data_size() > 0) {
      tensor->set_int64_data(Pick(random, tensor->int64_data()), Extreme(random));
    } else {
      tensor->set_data_type(static_cast<int>(random.Below(18)));
    }
    return;
  }
  if (graph->input_size() == 0) return;
  auto* type = graph->mutable_input(Pick(random, graph->input()))->mutable_type();
  auto* shape = type->mutable_tensor_type()->mutable_shape();
  if (shape->dim_size() > 0 && random.Chance(200)) {
    shape->mutable_dim(Pick(random, shape->dim()))->set_dim_value(Extreme(random));
  } else {
    shape->add_dim()->set_dim_value(Extreme(random));
  }
}

std::string DamagedMessage(Stimulus& random, onnx::ModelProto model) {
  for (std::uint64_t times = 1 + random.Below(4); times > 0; --times) {
    switch (random.Below(6)) {
      case 0:
        model.mutable_opset_import(0)->set_version(random.Between(5, 19));
        break;
      case 1:
        FixInput(random, model.mutable_graph());
        break;
      case 2:
        DamageShapes(random, model.mutable_graph());
        break;
      default:
        DamageNode(random, model.mutable_graph());
    }
  }
  return model.SerializeAsString();
}

std::string DamagedBytes(Stimulus& random, const onnx::ModelProto& model) {
  std::string bytes = model.SerializeAsString();
  for (std::uint64_t times = 1 + random.Below(8); times > 0 && !bytes.empty(); --times) {
    const std::size_t at = random.Below(bytes.size());
    switch (random.Below(5)) {
      case 0:
        bytes[at] = static_cast<char>(random.Next());
        break;
      case 1:
        bytes[at] = static_cast<char>(bytes[at] ^ (1 << random.Below(8)));
        break;
      case 2:
        bytes.erase(at, 1 + random.Below(8));
        break;
      case 3:
        bytes.insert(at, bytes.substr(random.Below(bytes.size()), random.Below(32)));
        break;
      default:
        bytes.insert(at, std::string(1 + random.Below(9), '\xff'));
    }
  }
  return bytes;
}

/// How far a damaged model came.
enum class Fate { kRefused, kRead, kInferred };

Fate Feed(const std::string& bytes) {
  Fate fate = Fate::kRefused;
  try {
    Network network = ParseOnnx(bytes, "model.onnx", "");
    fate = Fate::kRead;
    CheckNetwork(network);
    InferShapes(network, {});
    fate = Fate::kInferred;
    const std::string written = SerializeOnnx(network);
    EXPECT_EQ(SerializeOnnx(ParseOnnx(written, "again", "")), written);
  } catch (const RequestError& error) {
    EXPECT_EQ(std::string(error.problems()[0].what).find('\n'), std::string::npos) << error.what();
  }
  return fate;
}

using Damage = std::string (*)(Stimulus& random, const onnx::ModelProto& model);

/// Fates of `runs` damaged models.
std::map<Fate, int> FeedMany(std::uint64_t seed, std::uint64_t runs, Damage damage) {
  const std::vector<onnx::ModelProto> corpus = Corpus();
  std::map<Fate, int> fates;
  for (std::uint64_t run = 0; run < runs; ++run) {
    Stimulus random(seed * 1000003 + run);  // so that a run can be repeated alone
    SCOPED_TRACE(fmt::format("SYSTOLE_FUZZ_SEED={} run {}", seed, run));
    try {
      ++fates[Feed(damage(random, corpus[random.Below(corpus.size())]))];
    } catch (const std::exception& error) {
      ADD_FAILURE() << "no RequestError: " << error.what();
    }
  }
  return fates;
}

TEST(Mutation, DamagedBytesNeverDoHarm) {
  const std::uint64_t runs = FromEnvironment("SYSTOLE_FUZZ_RUNS", 6000);
  auto fates = FeedMany(FromEnvironment("SYSTOLE_FUZZ_SEED", 1), runs, DamagedBytes);
  EXPECT_GT(fates[Fate::kRefused], static_cast<int>(runs / 10));
  EXPECT_GT(fates[Fate::kInferred], static_cast<int>(runs / 100));
}

TEST(Mutation, DamagedMessagesNeverDoHarm) {
  const std::uint64_t runs = FromEnvironment("SYSTOLE_FUZZ_RUNS", 6000);
  const Damage damage = [](Stimulus& random, const onnx::ModelProto& model) {
    return DamagedMessage(random, model);
  };
  auto fates = FeedMany(FromEnvironment("SYSTOLE_FUZZ_SEED", 1), runs, damage);
  EXPECT_GT(fates[Fate::kRefused], static_cast<int>(runs / 10));
  EXPECT_GT(fates[Fate::kRead], static_cast<int>(runs / 10));  // and then refused by InferShapes
  EXPECT_GT(fates[Fate::kInferred], static_cast<int>(runs / 10));
}

}  // namespace
}  // namespace systole
