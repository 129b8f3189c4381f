// SPDX-License-Identifier: Apache-2.0
#include "sw/study/study.h"

#include "sw/cost/layer_cost.h"
#include "sw/cost/published_fuseconv.h"
#include "sw/cost/scale_sim.h"
#include "sw/fuse/fuse.h"
#include "sw/fuse/variants.h"
#include "sw/ir/macs.h"
#include "sw/onnx/onnx_io.h"

namespace systole {
namespace {

Network MakeVariant(const Network& baseline, ModelName name, NetworkVariant variant) {
  if (variant == NetworkVariant::kBaseline) return baseline;
  FuseOptions options;
  options.half = variant == NetworkVariant::kHalf || variant == NetworkVariant::kHalf50;
  if (variant == NetworkVariant::kFull50 || variant == NetworkVariant::kHalf50) {
    options.nodes = PublishedHalfOfLayers(ToString(name));
  }
  return Fuse(baseline, options);
}

LayerStudy StudyOne(const StudyLayer& layer, int rows, int cols) {
  LayerStudy study;
  study.layer = layer;
  study.macs = layer.layer.Macs();
  const ArrayConfig stos = ConfigOf(Machine::kOsStos, rows, cols);
  study.published = PublishedFuseConvCycles(layer.layer, stos);
  study.scale_sim = ScaleSimOs(layer.layer, stos).cycles;
  for (const Machine machine : kAllMachines) {
    const ArrayConfig config = ConfigOf(machine, rows, cols);
    const Tiling tiling = PlanLayer(layer.layer, config, MappingsOf(machine));
    study.runs[static_cast<std::size_t>(machine)] = {
        .mapping = tiling.mapping,
        .cycles = CyclesOf(tiling, config),
        .limit = LimitOf(layer.layer, config).Cycles()};
  }
  return study;
}

VariantStudy StudyOne(const StudyNetwork& network, int rows, int cols) {
  VariantStudy study;
  study.variant = network.variant;
  study.parameters = network.parameters;
  if (rows == 64 && cols == 64 && network.size == 224) {
    study.printed = PublishedCycles(network.name, network.variant);
  }
  for (const StudyLayer& layer : network.layers) {
    const LayerStudy& row = study.layers.emplace_back(StudyOne(layer, rows, cols));
    study.macs += row.macs;
    study.published += row.published;
    study.scale_sim += row.scale_sim;
    for (std::size_t i = 0; i < row.runs.size(); ++i) {
      study.runs[i].cycles += row.runs[i].cycles;
      study.runs[i].limit += row.runs[i].limit;
      study.runs[i].by_kind[static_cast<std::size_t>(layer.kind)] += row.runs[i].cycles;
    }
  }
  for (MachineRun& run : study.runs) {
    const auto cycles = static_cast<double>(run.cycles);
    run.utilization = static_cast<double>(study.macs) / (static_cast<double>(rows) * cols * cycles);
    run.distance = cycles / static_cast<double>(run.limit);
  }
  return study;
}

double Ratio(std::uint64_t a, std::uint64_t b) {
  return static_cast<double>(a) / static_cast<double>(b);
}

}  // namespace

Network BuildVariant(ModelName name, NetworkVariant variant, std::int64_t size) {
  return MakeVariant(BuildModel({.name = name, .size = size}), name, variant);
}

std::vector<StudyNetwork> BuildStudyNetworks(const std::vector<ModelName>& networks,
                                             const std::vector<NetworkVariant>& variants,
                                             std::int64_t size) {
  std::vector<StudyNetwork> built;
  for (const ModelName name : networks) {
    const Network baseline = BuildModel({.name = name, .size = size});
    for (const NetworkVariant variant : variants) {
      Network network = MakeVariant(baseline, name, variant);
      InferShapes(network, {});
      built.push_back({name, variant, size, CountParameters(network), ArrayLayersOf(network)});
    }
  }
  return built;
}

std::string ToString(Machine machine) {
  return machine == Machine::kOsBasic ? "os, published mapping" : Key(machine);
}

std::string Key(Machine machine) {
  switch (machine) {
    case Machine::kOsBasic:
      return "os-basic";
    case Machine::kOs:
      return "os";
    case Machine::kOsStos:
      break;
  }
  return "os+stos";
}

ArrayConfig ConfigOf(Machine machine, int rows, int cols) {
  return {.rows = rows,
          .cols = cols,
          .dataflow = machine == Machine::kOsStos ? Dataflow::kOsStos : Dataflow::kOs};
}

MappingSet MappingsOf(Machine machine) {
  return machine == Machine::kOsBasic ? MappingSet::kBasic : MappingSet::kBest;
}

double MachineRun::Share(LayerKind kind) const {
  return Ratio(by_kind[static_cast<std::size_t>(kind)], cycles);
}

const VariantStudy* NetworkStudy::Find(NetworkVariant variant) const {
  for (const VariantStudy& row : variants) {
    if (row.variant == variant) return &row;
  }
  return nullptr;
}

std::optional<double> NetworkStudy::Speedup(const VariantStudy& variant, Machine machine,
                                            Machine base) const {
  const VariantStudy* baseline = Find(NetworkVariant::kBaseline);
  if (baseline == nullptr) return std::nullopt;
  return Ratio(baseline->On(base).cycles, variant.On(machine).cycles);
}

std::optional<double> NetworkStudy::PublishedSpeedup(const VariantStudy& variant) const {
  const VariantStudy* base = Find(NetworkVariant::kBaseline);
  if (base == nullptr) return std::nullopt;
  return Ratio(base->published, variant.published);
}

std::optional<double> NetworkStudy::PrintedSpeedup(const VariantStudy& variant) const {
  const auto base = PublishedCycles(name, NetworkVariant::kBaseline);
  if (!variant.printed || !base) return std::nullopt;
  return Ratio(*base, *variant.printed);
}

const NetworkStudy* StudyReport::Find(ModelName name) const {
  for (const NetworkStudy& network : networks) {
    if (network.name == name) return &network;
  }
  return nullptr;
}

StudyReport Evaluate(const std::vector<StudyNetwork>& networks, int rows, int cols) {
  StudyReport report;
  report.rows = rows;
  report.cols = cols;
  for (const StudyNetwork& network : networks) {
    report.size = network.size;
    if (report.networks.empty() || report.networks.back().name != network.name) {
      report.networks.push_back({network.name, {}});
    }
    report.networks.back().variants.push_back(StudyOne(network, rows, cols));
  }
  return report;
}

}  // namespace systole
