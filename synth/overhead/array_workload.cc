// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/array_workload.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <memory>

#include "base/error.h"
#include "gen/systolic/systolic_core.h"
#include "models/build_model.h"
#include "models/pictures.h"
#include "sw/cost/layer_cost.h"
#include "sw/map/plan.h"
#include "sw/onnx/onnx_io.h"
#include "sw/quant/quantize.h"
#include "sw/study/layers.h"
#include "sw/study/study.h"
#include "synth/overhead/frame_recorder.h"
#include "tb/core_sim.h"

namespace systole {
namespace {

constexpr std::uint64_t kPictureSeed = 1;

ArrayWorkload Execute(const std::string& name, const Network& network, Tensor input) {
  ArrayWorkload workload{.name = name, .network = {}, .values = {}};
  const std::string& port = network.inputs.front();
  workload.network = Quantize(network, {{{port, input}}}, {});
  InferShapes(workload.network, {});
  workload.values = ExecuteNetwork(workload.network, {{port, input}});
  workload.values.emplace(port, std::move(input));
  return workload;
}

}  // namespace

ArrayWorkload BuiltWorkload(const std::string& name, std::int64_t size) {
  const std::size_t slash = name.find('/');
  const NetworkVariant variant = slash == std::string::npos
                                     ? NetworkVariant::kBaseline
                                     : ParseNetworkVariant(name.substr(slash + 1));
  Network network = BuildVariant(ParseModelName(name.substr(0, slash)), variant, size);
  InferShapes(network, {{network.inputs.front(), {1, 3, size, size}}});
  return Execute(name, network, Normalized(NaturalPictures(1, size, kPictureSeed)));
}

ArrayWorkload FileWorkload(const std::string& name, const std::filesystem::path& model,
                           const std::filesystem::path& samples) {
  Network network = ReadOnnx(model);
  Tensor input = ReadTensor(samples);
  InferShapes(network, {{network.inputs.front(), input.shape()}});
  return Execute(name, network, std::move(input));
}

std::vector<LayerGroup> GroupLayers(const ArrayWorkload& workload, const ArrayConfig& config,
                                    MappingSet mappings) {
  std::map<std::string, LayerGroup> groups;
  for (const StudyLayer& layer : ArrayLayersOf(workload.network)) {
    const Tiling tiling = PlanLayer(layer.layer, config, mappings);
    const LayerCost cost = Cost(layer.layer, tiling, config);
    const int quarter = std::min(3, static_cast<int>(cost.utilization * 4));
    const std::string mapping =
        fmt::format("{}, {}-{} % used", tiling.mapping, quarter * 25, quarter * 25 + 25);
    LayerGroup& group = groups[mapping];
    group.mapping = mapping;
    group.cycles += cost.cycles;
    group.macs += static_cast<std::uint64_t>(cost.macs);
    ++group.layers;
    if (cost.cycles <= group.sample_cycles) continue;
    group.sample = layer.name;
    group.sample_cycles = cost.cycles;
  }
  std::vector<LayerGroup> sorted;
  for (auto& [mapping, group] : groups) sorted.push_back(std::move(group));
  std::stable_sort(sorted.begin(), sorted.end(),
                   [](const LayerGroup& a, const LayerGroup& b) { return a.cycles > b.cycles; });
  return sorted;
}

PortRecording RecordLayer(const ArrayWorkload& workload, const std::string& layer,
                          const ArrayConfig& config, std::uint64_t cycles, MappingSet mappings,
                          const std::filesystem::path& cache_dir) {
  const auto node = std::find_if(workload.network.nodes.begin(), workload.network.nodes.end(),
                                 [&](const Node& candidate) { return candidate.name == layer; });
  if (node == workload.network.nodes.end()) {
    throw RequestError(fmt::format("{} has no layer {}", workload.name, layer));
  }
  const std::unique_ptr<LayerPlan> plan =
      MakePlan(*node, InputsOf(workload.network, *node, workload.values), config, mappings);
  const std::uint64_t tiles = plan->tile_count();
  const auto begins_run = [&](std::uint64_t tile) { return plan->StartsFresh(tile); };
  std::uint64_t first = tiles / 2;
  while (first < tiles && !begins_run(first)) ++first;
  if (first == tiles) first = 0;
  // Tiles that fill the cycles, by the mean length of a tile and some more: what is over is cut.
  const std::uint64_t all = Cost(plan->layer(), plan->tiling(), config).cycles;
  const std::uint64_t wanted = cycles * tiles / std::max<std::uint64_t>(1, all) * 2 + 4;

  const CoreSim sim(config, {.cache_dir = cache_dir});
  FrameRecorder recorder(FramePorts(BuildSystolicCore(config)), cycles);
  RunOptions options;
  options.record = [&recorder](const std::uint8_t* frame) { recorder.Add(frame); };
  sim.Run(*plan, first, std::min(wanted, tiles - first), options);
  return recorder.Take();
}

}  // namespace systole
