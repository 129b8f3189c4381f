// SPDX-License-Identifier: Apache-2.0
// TensorFlow.js files that are broken, or made to break a reader.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "base/stimulus.h"
#include "models/tfjs.h"

namespace systole {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using testing::HasSubstr;
using testing::StartsWith;

const fs::path kGolden = fs::path(SYSTOLE_SOURCE_DIR) / "tests" / "models" / "golden" / "tfjs";
const std::vector<std::string> kShards = {"group1-shard1of2.bin", "group1-shard2of2.bin"};

/// A copy of the golden network that a test may break.
class Copy {
 public:
  Copy()
      : folder_(fs::path(SYSTOLE_BINARY_DIR) / "tfjs" /
                testing::UnitTest::GetInstance()->current_test_info()->name()),
        text(ReadFile(kGolden / "model.json")),
        model(json::parse(text)) {
    fs::remove_all(folder_);
    for (const std::string& shard : kShards) WriteFile(folder_ / shard, ReadFile(kGolden / shard));
  }
  ~Copy() { fs::remove_all(folder_); }
  Copy(const Copy&) = delete;
  Copy& operator=(const Copy&) = delete;

  json& Layer(const std::string& name) {
    for (json& layer : Config()["layers"]) {
      if (layer["name"] == name) return layer;
    }
    throw std::logic_error(name);
  }
  json& Config() { return model["modelTopology"]["config"]; }
  json& Group() { return model["weightsManifest"][0]; }
  const fs::path& folder() const { return folder_; }

  /// The one line that the copy is refused with; empty when it is read.
  std::string Refusal() { return Refusal(model.dump()); }
  std::string Refusal(const std::string& bytes) const {
    WriteFile(folder_ / "model.json", bytes);
    try {
      CheckNetwork(ReadTfjs(folder_ / "model.json"));
      return "";
    } catch (const RequestError& error) {
      EXPECT_EQ(error.problems().size(), 1U);
      const std::string what = error.problems()[0].what;
      EXPECT_EQ(what.find('\n'), std::string::npos) << what;
      return what;
    }
  }

 private:
  fs::path folder_;

 public:
  std::string text;
  json model;
};

/// A change to the copy and what the refusal says.
struct Break {
  std::string expected;
  std::function<void(Copy&)> change;
};

void ExpectRefusals(const std::vector<Break>& breaks) {
  for (const Break& one : breaks) {
    Copy copy;
    one.change(copy);
    EXPECT_THAT(copy.Refusal(), HasSubstr(one.expected));
  }
}

TEST(HostileTfjs, TheUnbrokenCopyIsRead) {
  Copy copy;
  EXPECT_EQ(copy.Refusal(), "");
}

TEST(HostileTfjs, NamesWhatIsWrongWithTheFile) {
  ExpectRefusals({
      {"model.json: 'modelTopology' is missing", [](Copy& c) { c.model.erase("modelTopology"); }},
      {"model.json is no object", [](Copy& c) { c.model = json::array(); }},
      {"model.json is a graph-model: only layers models",
       [](Copy& c) { c.model["format"] = "graph-model"; }},
      {"'class_name' is \"Sequential\": \"Model\" or \"Functional\" is needed",
       [](Copy& c) { c.model["modelTopology"]["class_name"] = "Sequential"; }},
      {"'output_layers' is []: one [\"LAYER\", 0, 0] is needed",
       [](Copy& c) { c.Config()["output_layers"] = json::array(); }},
      {"there is no layer 'nobody', the output",
       [](Copy& c) {
         c.Config()["output_layers"] = {{"nobody", 0, 0}};
       }},
      {"'input_layers' is \"conv\": the InputLayer's name is needed",
       [](Copy& c) {
         c.Config()["input_layers"] = {{"conv", 0, 0}};
       }},
      {"'layers' is 7: a list is needed", [](Copy& c) { c.Config()["layers"] = 7; }},
  });
  Copy copy;
  EXPECT_THAT(copy.Refusal("{\"modelTopology\": "), HasSubstr("model.json is no JSON file"));
  EXPECT_THAT(copy.Refusal(""), HasSubstr("model.json is no JSON file"));
  EXPECT_THAT(copy.Refusal(std::string(100'000, '[')), HasSubstr("is no JSON file"));
  EXPECT_THROW(ReadTfjs(copy.folder() / "absent.json"), RequestError);
}

TEST(HostileTfjs, NamesWhatIsWrongWithTheWeights) {
  const auto weight = [](Copy& c) -> json& { return c.Group()["weights"][0]; };
  ExpectRefusals({
      {"weight 'bn2/moving_variance': its file is truncated: ",
       [](Copy& c) {
         const std::string bytes = ReadFile(c.folder() / kShards[1]);
         WriteFile(c.folder() / kShards[1], bytes.substr(0, bytes.size() - 1));
       }},
      {"model.json: the weight files hold 6789 bytes, the weights take 6788",
       [](Copy& c) {
         WriteFile(c.folder() / kShards[1], ReadFile(c.folder() / kShards[1]) + "x");
       }},
      {"cannot read ", [](Copy& c) { fs::remove(c.folder() / kShards[0]); }},
      {"weight file '" + kShards[0] + "' is named twice",
       [](Copy& c) { c.Group()["paths"][1] = kShards[0]; }},
      {"weight file \"../secret\" is not the name of a file in the folder",
       [](Copy& c) { c.Group()["paths"][0] = "../secret"; }},
      {"weight file \"/etc/passwd\" is not the name",
       [](Copy& c) { c.Group()["paths"][0] = "/etc/passwd"; }},
      {"weight file \"..\" is not the name", [](Copy& c) { c.Group()["paths"][0] = ".."; }},
      {"weight file 7 is not the name", [](Copy& c) { c.Group()["paths"][0] = 7; }},
      {"weight 'conv/kernel': 'dtype' is \"int32\": float32 is needed",
       [=](Copy& c) { weight(c)["dtype"] = "int32"; }},
      {"weight 'conv/kernel': 'quantization': 'dtype' is \"float16\": uint8 or uint16 is needed",
       [=](Copy& c) { weight(c)["quantization"]["dtype"] = "float16"; }},
      {"weight 'conv/kernel': 'quantization': 'scale' is missing",
       [=](Copy& c) { weight(c)["quantization"].erase("scale"); }},
      {"weight 'conv/kernel' has a value that is not finite",
       [=](Copy& c) { weight(c)["quantization"]["scale"] = 1e300; }},
      {"weight 'conv/kernel': 'shape' is -2: an integer of 1 to 65536 is needed",
       [=](Copy& c) { weight(c)["shape"][1] = -2; }},
      {"'shape' is 2.5: an integer", [=](Copy& c) { weight(c)["shape"][0] = 2.5; }},
      {"weight 'conv/kernel': shape 65536x65536x65536x65536 has more than",
       [=](Copy& c) {
         weight(c)["shape"] = {65536, 65536, 65536, 65536};
       }},
      {"its file is truncated: 65536 bytes are needed",
       [=](Copy& c) { weight(c)["shape"] = {65536}; }},
      {"layer 'conv' (Conv2D): weight 'conv/kernel' is 2x3x3x6, not 3x2x3x6",
       [=](Copy& c) {
         weight(c)["shape"] = {2, 3, 3, 6};
       }},
      {"layer 'conv' (Conv2D): weight 'conv/kernel' is missing",
       [=](Copy& c) { weight(c)["name"] = "conv/colonel"; }},
      {"weight 'conv/bias' is there twice",
       [](Copy& c) { c.Group()["weights"][2]["name"] = "conv/bias"; }},
      {"weight 'conv/bias' belongs to no layer",
       [](Copy& c) { c.Layer("conv")["config"]["use_bias"] = false; }},
  });
}

TEST(HostileTfjs, NamesTheLayerThatCannotBe) {
  const auto set = [](const std::string& layer, const std::string& key, const json& value) {
    return [=](Copy& c) { c.Layer(layer)["config"][key] = value; };
  };
  ExpectRefusals({
      {"layer 'bn' (LayerNormalization): this type of layer is not supported",
       [](Copy& c) { c.Layer("bn")["class_name"] = "LayerNormalization"; }},
      {"layer 'bn' (BatchNormalization) reads 'later', which does not stand before it",
       [](Copy& c) { c.Layer("bn")["inbound_nodes"][0][0][0] = "later"; }},
      {"layer 'bn' (BatchNormalization) reads 'bn', which does not stand before it",
       [](Copy& c) { c.Layer("bn")["inbound_nodes"][0][0][0] = "bn"; }},
      {"a layer that is used twice is not supported",
       [](Copy& c) {
         c.Layer("bn")["inbound_nodes"].push_back(c.Layer("bn")["inbound_nodes"][0]);
       }},
      {"layer 'bn' (BatchNormalization) has 0 inputs",
       [](Copy& c) { c.Layer("bn")["inbound_nodes"] = json::array(); }},
      {"layer 'conv' (BatchNormalization) is there twice",
       [](Copy& c) { c.Layer("bn")["name"] = "conv"; }},
      {"layer 'conv' (Conv2D): 'strides' is 0: an integer of 1 to 65536 is needed",
       set("conv", "strides", {2, 0})},
      {"'kernel_size' is [3,3,3]: a pair of integers is needed",
       set("conv", "kernel_size", {3, 3, 3})},
      {"'filters' is 99999999999: an integer", set("conv", "filters", 99999999999)},
      {"'filters' is 18446744073709551615: an integer",
       set("conv", "filters", 18446744073709551615U)},
      {"'filters' is \"6\": an integer", set("conv", "filters", "6")},
      {"padding has to be same or valid", set("conv", "padding", "causal")},
      {"data_format has to be channels_last", set("conv", "data_format", "channels_first")},
      {"activation 'gelu' is not supported: linear, relu, relu6 or softmax",
       set("conv", "activation", "gelu")},
      {"layer 'conv' (Conv2D): groups are not supported", set("conv", "groups", 3)},
      {"its window is larger than its input", set("depthwise", "kernel_size", {30, 30})},
      {"negative_slope and threshold are not supported", set("relu6", "negative_slope", 0.1)},
      {"max_value has to be 6 or null", set("relu6", "max_value", 4)},
      {"'padding' is -1: an integer", set("pad", "padding", {{0, -1}, {2, 1}})},
      {"'padding' is [1,1]: [[top, bottom], [left, right]] is needed",
       set("pad", "padding", {1, 1})},
      {"'axis' is 1: the last one is needed", set("bn", "axis", 1)},
      {"epsilon has to be 0 to 1", set("bn", "epsilon", -1)},
      {"its input is a plane: a Flatten is needed before it",
       [](Copy& c) { c.Layer("a")["inbound_nodes"][0][0][0] = "average"; }},
      {"layer 'sum' (Add): its inputs are 3x3x12 and 13x10x3",
       [](Copy& c) { c.Layer("sum")["inbound_nodes"][0][1][0] = "image"; }},
      {"its input has no height and width",
       [](Copy& c) { c.Layer("global")["inbound_nodes"][0][0][0] = "flatten"; }},
      {"'batch_input_shape' is null: an integer",
       [](Copy& c) {
         c.Layer("image")["config"]["batch_input_shape"] = {nullptr, nullptr, 10, 3};
       }},
  });
}

TEST(HostileTfjs, EveryTruncationOfTheTextIsRefused) {
  const Copy copy;
  for (std::size_t size = 0; size + 2 < copy.text.size(); size += 97) {
    ASSERT_NE(copy.Refusal(copy.text.substr(0, size)), "") << size;
  }
}

TEST(HostileTfjs, AnyDamageIsRefusedOrGivesACheckedNetwork) {
  constexpr std::uint64_t kSeed = 1;
  Stimulus random(kSeed);
  const Copy copy;
  int refused = 0;
  for (int trial = 0; trial < 600; ++trial) {
    SCOPED_TRACE(fmt::format("seed {}, trial {}", kSeed, trial));
    std::string text = copy.text;
    for (std::uint64_t changes = 1 + random.Below(3); changes > 0; --changes) {
      const std::size_t at = random.Below(text.size());
      if (random.Chance(128)) {
        text[at] = "0179-.eE\"[]{},:ntfaz \\"[random.Below(22)];
      } else {  // a piece from elsewhere
        const std::size_t from = random.Below(text.size()), size = random.Below(40);
        text.replace(at, size, copy.text.substr(std::min(from, copy.text.size() - 1), size));
      }
    }
    refused += copy.Refusal(text).empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 200);
}

}  // namespace
}  // namespace systole
