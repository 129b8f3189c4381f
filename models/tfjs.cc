// SPDX-License-Identifier: Apache-2.0
#include "models/tfjs.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/file.h"
#include "models/tfjs_graph.h"
#include "models/tfjs_weights.h"

namespace systole {
namespace {

using models::Fields;

/// The one layer of a list like [["dense_3", 0, 0]].
std::string OnlyLayer(const Fields& config, const std::string& key) {
  const nlohmann::json& list = config.Array(key);
  const bool one = list.size() == 1 && list[0].is_array() && list[0].size() == 3 &&
                   list[0][0].is_string() && list[0][1] == 0 && list[0][2] == 0;
  if (!one) config.Refuse(key, list, "one [\"LAYER\", 0, 0]");
  return list[0][0].get<std::string>();
}

}  // namespace

Network ReadTfjs(const std::filesystem::path& model_json) {
  const std::string origin = model_json.filename().string();
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(ReadFile(model_json));
  } catch (const nlohmann::json::exception&) {
    throw RequestError(fmt::format("{} is no JSON file", model_json.string()),
                       "pass the model.json of a TensorFlow.js layers model");
  }
  const Fields model(json, origin);
  const std::string format = model.Text("format", "layers-model");
  if (format != "layers-model") {
    throw RequestError(fmt::format("{} is a {}: only layers models are supported", origin, format));
  }
  const Fields topology = model.Object("modelTopology");
  const Fields network = topology.Has("model_config") ? topology.Object("model_config") : topology;
  const std::string type = network.Text("class_name");
  if (type != "Model" && type != "Functional") {
    network.Refuse("class_name", type, "\"Model\" or \"Functional\"");
  }
  const Fields config(network.Object("config"));
  const std::string input = OnlyLayer(config, "input_layers");
  const std::string output = OnlyLayer(config, "output_layers");
  models::KerasGraph graph(
      models::ReadTfjsWeights(model.Array("weightsManifest"), model_json.parent_path(), origin),
      config.Text("name", "model"), origin);
  for (const nlohmann::json& layer : config.Array("layers")) graph.Add(layer);
  Network result = graph.Finish(output);
  if (result.inputs != std::vector<std::string>{input}) {
    config.Refuse("input_layers", input, "the InputLayer's name");
  }
  return result;
}

}  // namespace systole
