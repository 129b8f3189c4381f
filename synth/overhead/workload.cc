// SPDX-License-Identifier: Apache-2.0
#include "synth/overhead/workload.h"

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
#include "tb/core_sim.h"

namespace systole {
namespace {

constexpr std::uint64_t kPictureSeed = 1;

Workload Execute(const std::string& name, const Network& network, Tensor input) {
  Workload workload{.name = name, .network = {}, .values = {}};
  const std::string& port = network.inputs.front();
  workload.network = Quantize(network, {{{port, input}}}, {});
  InferShapes(workload.network, {});
  workload.values = ExecuteNetwork(workload.network, {{port, input}});
  workload.values.emplace(port, std::move(input));
  return workload;
}

std::vector<const Tensor*> InputsOf(const Workload& workload, const Node& node) {
  std::vector<const Tensor*> inputs;
  for (const std::string& name : node.inputs) {
    const Tensor* constant = workload.network.Constant(name);
    inputs.push_back(name.empty()          ? nullptr
                     : constant != nullptr ? constant
                                           : &workload.values.at(name));
  }
  return inputs;
}

/// Gathers frames behind two cycles of reset.
class Recorder {
 public:
  Recorder(const std::vector<FramePort>& ports, std::uint64_t cycles)
      : frame_ports_(ports), recording_(PortsOf(ports)), cycles_(cycles) {
    recording_.AddCycle();
    recording_.AddCycle();
  }

  void Add(const std::uint8_t* frame) {
    if (recording_.cycles() >= cycles_ + 2) return;
    recording_.AddCycle();
    recording_.Set(0, 0, 1, 1);
    for (std::size_t i = 0; i < frame_ports_.size(); ++i) {
      const FramePort& port = frame_ports_[i];
      for (std::size_t byte = 0; byte * 8 < port.bits; ++byte) {
        const auto width =
            static_cast<std::uint32_t>(std::min<std::size_t>(8, port.bits - byte * 8));
        recording_.Set(i + 1, static_cast<std::uint32_t>(byte * 8), width,
                       frame[port.offset + byte]);
      }
    }
  }
  PortRecording Take() { return std::move(recording_); }

 private:
  static PortRecording PortsOf(const std::vector<FramePort>& ports) {
    std::vector<RecordedPort> recorded = {{"rst_ni", 1, PortDirection::kInput}};
    for (const FramePort& port : ports) {
      recorded.push_back({port.name, static_cast<std::uint32_t>(port.bits),
                          port.output ? PortDirection::kOutput : PortDirection::kInput});
    }
    return PortRecording(std::move(recorded));
  }

  std::vector<FramePort> frame_ports_;
  PortRecording recording_;
  std::uint64_t cycles_;
};

}  // namespace

Workload BuiltWorkload(const std::string& name, std::int64_t size) {
  const std::size_t slash = name.find('/');
  const NetworkVariant variant = slash == std::string::npos
                                     ? NetworkVariant::kBaseline
                                     : ParseNetworkVariant(name.substr(slash + 1));
  Network network = BuildVariant(ParseModelName(name.substr(0, slash)), variant, size);
  InferShapes(network, {{network.inputs.front(), {1, 3, size, size}}});
  return Execute(name, network, Normalized(NaturalPictures(1, size, kPictureSeed)));
}

Workload FileWorkload(const std::string& name, const std::filesystem::path& model,
                      const std::filesystem::path& samples) {
  Network network = ReadOnnx(model);
  Tensor input = ReadTensor(samples);
  InferShapes(network, {{network.inputs.front(), input.shape()}});
  return Execute(name, network, std::move(input));
}

std::vector<LayerGroup> GroupLayers(const Workload& workload, const ArrayConfig& config,
                                    MappingSet mappings) {
  std::map<std::string, LayerGroup> groups;
  for (const StudyLayer& layer : ArrayLayersOf(workload.network)) {
    const Tiling tiling = PlanLayer(layer.layer, config, mappings);
    const LayerCost cost = Cost(layer.layer, tiling, config);
    LayerGroup& group = groups[tiling.mapping];
    group.mapping = tiling.mapping;
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

PortRecording RecordLayer(const Workload& workload, const std::string& layer,
                          const ArrayConfig& config, std::uint64_t cycles, MappingSet mappings,
                          const std::filesystem::path& cache_dir) {
  const auto node = std::find_if(workload.network.nodes.begin(), workload.network.nodes.end(),
                                 [&](const Node& candidate) { return candidate.name == layer; });
  if (node == workload.network.nodes.end()) {
    throw RequestError(fmt::format("{} has no layer {}", workload.name, layer));
  }
  const std::unique_ptr<LayerPlan> plan =
      MakePlan(*node, InputsOf(workload, *node), config, mappings);
  const std::uint64_t tiles = plan->tile_count();
  const auto begins_run = [&](std::uint64_t tile) { return plan->StartsFresh(tile); };
  std::uint64_t first = tiles / 2;
  while (first < tiles && !begins_run(first)) ++first;
  if (first == tiles) first = 0;
  // Tiles that fill the cycles, by the mean length of a tile and some more: what is over is cut.
  const std::uint64_t all = Cost(plan->layer(), plan->tiling(), config).cycles;
  const std::uint64_t wanted = cycles * tiles / std::max<std::uint64_t>(1, all) * 2 + 4;

  const CoreSim sim(config, {.cache_dir = cache_dir});
  Recorder recorder(FramePorts(BuildSystolicCore(config)), cycles);
  RunOptions options;
  options.record = [&recorder](const std::uint8_t* frame) { recorder.Add(frame); };
  sim.Run(*plan, first, std::min(wanted, tiles - first), options);
  return recorder.Take();
}

}  // namespace systole
