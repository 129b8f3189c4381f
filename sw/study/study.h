// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "models/build_model.h"
#include "sw/map/tiling.h"
#include "sw/study/layers.h"
#include "sw/study/published.h"

namespace systole {

/// A network of the study, by its shapes.
struct StudyNetwork {
  ModelName name = ModelName::kMobileNetV2;
  NetworkVariant variant = NetworkVariant::kBaseline;
  std::int64_t size = 224;  ///< height and width of the input
  std::int64_t parameters = 0;
  std::vector<StudyLayer> layers;
};

/// The float network of a variant, weights and all, batch open. Throws what BuildModel throws, and
/// RequestError for a 50 % variant of a network that the publication does not have.
Network BuildVariant(ModelName name, NetworkVariant variant, std::int64_t size);

/// Builds every variant of every network (batch 1). Throws what BuildModel throws.
std::vector<StudyNetwork> BuildStudyNetworks(const std::vector<ModelName>& networks,
                                             const std::vector<NetworkVariant>& variants,
                                             std::int64_t size);

/// How Systole's core runs a network.
enum class Machine {
  kOsBasic,  ///< no ST-OS, the published mappings
  kOs,       ///< no ST-OS, the best mappings
  kOsStos,   ///< with ST-OS, the best mappings
};
inline constexpr std::array kAllMachines = {Machine::kOsBasic, Machine::kOs, Machine::kOsStos};
/// "os, published mapping", "os", "os+stos".
std::string ToString(Machine machine);
/// "os-basic", "os", "os+stos": keys in files.
std::string Key(Machine machine);
ArrayConfig ConfigOf(Machine machine, int rows, int cols);
MappingSet MappingsOf(Machine machine);

/// One layer on one machine.
struct LayerRun {
  std::string mapping;
  std::uint64_t cycles = 0;  ///< of the exact cycle model
  std::uint64_t limit = 0;   ///< cycles that no mapping can go below (LimitOf)
};

struct LayerStudy {
  StudyLayer layer;
  std::int64_t macs = 0;
  std::uint64_t published = 0;  ///< cycles of the published model, array with ST-OS
  std::uint64_t scale_sim = 0;  ///< of SCALE-Sim's closed form
  std::array<LayerRun, kAllMachines.size()> runs;

  const LayerRun& On(Machine machine) const { return runs[static_cast<std::size_t>(machine)]; }
};

/// Sums over the layers of a network, which run one after the other.
struct MachineRun {
  std::uint64_t cycles = 0, limit = 0;
  double utilization = 0;                                         ///< MACs / (rows * cols * cycles)
  double distance = 0;                                            ///< cycles / limit
  std::array<std::uint64_t, kAllLayerKinds.size()> by_kind = {};  ///< cycles

  /// Share of the cycles, of 1.
  double Share(LayerKind kind) const;
};

struct VariantStudy {
  NetworkVariant variant = NetworkVariant::kBaseline;
  std::int64_t macs = 0, parameters = 0;
  std::uint64_t published = 0, scale_sim = 0;  ///< as in LayerStudy
  std::optional<std::uint64_t> printed;        ///< what the publication prints for this array
  std::array<MachineRun, kAllMachines.size()> runs;
  std::vector<LayerStudy> layers;

  const MachineRun& On(Machine machine) const { return runs[static_cast<std::size_t>(machine)]; }
};

struct NetworkStudy {
  ModelName name = ModelName::kMobileNetV2;
  std::vector<VariantStudy> variants;

  /// Null where the study leaves the variant out.
  const VariantStudy* Find(NetworkVariant variant) const;
  /// Speedup of `variant` on `machine` over the baseline on `base`; nothing without a baseline.
  std::optional<double> Speedup(const VariantStudy& variant, Machine machine, Machine base) const;
  /// Speedup in the published model, and as printed.
  std::optional<double> PublishedSpeedup(const VariantStudy& variant) const;
  std::optional<double> PrintedSpeedup(const VariantStudy& variant) const;
};

/// All of `systole study fuseconv`, by three cycle models on one array.
struct StudyReport {
  int rows = 64, cols = 64;
  std::int64_t size = 224;
  std::vector<NetworkStudy> networks;

  const NetworkStudy* Find(ModelName name) const;
};

/// `networks` as BuildStudyNetworks gives them. Rows and columns: 1 to 256.
StudyReport Evaluate(const std::vector<StudyNetwork>& networks, int rows, int cols);

}  // namespace systole
