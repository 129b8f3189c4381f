// SPDX-License-Identifier: Apache-2.0
#include "tb/stored_run.h"

#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "sw/map/layer.h"

namespace systole {
namespace {

using nlohmann::json;

json Description(const StoredWork& work, const RunSettings& settings, const std::string& layer) {
  return {{"program", work.program},
          {"inputs", work.inputs},
          {"layer", layer},
          {"array", settings.config},
          {"mapping", settings.mappings == MappingSet::kBasic ? "basic" : "best"}};
}

json ToStored(const LayerResult& result) {
  return {{"node", result.node},
          {"op", result.op},
          {"tensor", result.tensor},
          {"type", static_cast<int>(result.type)},
          {"shape", result.shape},
          {"mapping", result.mapping},
          {"tiles", result.tiles},
          {"macs", result.macs},
          {"cycles", result.cycles},
          {"model_cycles", result.model_cycles},
          {"limit_cycles", result.limit_cycles},
          {"seconds", result.seconds},
          {"cpu_seconds", result.cpu_seconds}};
}

LayerResult FromStored(const json& stored) {
  LayerResult result;
  stored.at("node").get_to(result.node);
  stored.at("op").get_to(result.op);
  stored.at("tensor").get_to(result.tensor);
  result.type = static_cast<ElementType>(stored.at("type").get<int>());
  stored.at("shape").get_to(result.shape);
  stored.at("mapping").get_to(result.mapping);
  stored.at("tiles").get_to(result.tiles);
  stored.at("macs").get_to(result.macs);
  stored.at("cycles").get_to(result.cycles);
  stored.at("model_cycles").get_to(result.model_cycles);
  stored.at("limit_cycles").get_to(result.limit_cycles);
  stored.at("seconds").get_to(result.seconds);
  stored.at("cpu_seconds").get_to(result.cpu_seconds);
  result.verdict = Verdict::kVerified;
  return result;
}

}  // namespace

StoredRun RunStored(const StoredWork& work, const RunSettings& settings, const RunHooks& hooks,
                    ResultStore& store) {
  if (settings.stall != 0 || settings.trace || settings.engine != Engine::kRtl) {
    throw RequestError("only runs of the RTL without pauses and waveforms are kept",
                       "leave --stall and --trace out");
  }
  std::map<std::string, LayerResult> known;
  std::vector<std::string> order;
  RunSettings missing = settings;
  missing.layers.clear();
  for (const Node& node : work.network.nodes) {
    if (!DescribeArrayLayer(work.network, node)) continue;
    order.push_back(node.name);
    if (const auto stored = store.Find(Description(work, settings, node.name))) {
      known[node.name] = FromStored(*stored);
    } else {
      missing.layers.push_back(node.name);
    }
  }
  StoredRun result;
  result.reused = known.size();
  if (!missing.layers.empty() || order.empty()) {
    RunHooks keeping = hooks;
    keeping.on_layer = [&](const LayerResult& layer) {
      if (layer.verdict == Verdict::kVerified) {
        store.Put(Description(work, settings, layer.node), ToStored(layer));
      }
      if (hooks.on_layer) hooks.on_layer(layer);
    };
    result.run = RunLayers(work.network, work.values(), missing, keeping);
  }
  for (LayerResult& layer : result.run.layers) known[layer.node] = std::move(layer);
  result.run.layers.clear();
  for (const std::string& name : order) {
    if (const auto found = known.find(name); found != known.end()) {
      result.run.layers.push_back(std::move(found->second));
    }
  }
  return result;
}

}  // namespace systole
