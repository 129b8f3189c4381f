// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/ir/network.h"
#include "sw/map/tiling.h"
#include "sw/ref/execute.h"
#include "synth/gates/stimulus.h"

namespace systole {

/// A quantized network with the value of every tensor: what the array works on.
struct ArrayWorkload {
  std::string name;
  Network network;
  Tensors values;
};

/// A built network ("mobilenet-v2", or "mobilenet-v2/half": FuSe variant Half of it), quantized and
/// executed on one synthetic picture with natural statistics of `size` x `size`. Its weights are
/// random (docs/networks.md). Throws RequestError for an unknown name.
ArrayWorkload BuiltWorkload(const std::string& name, std::int64_t size);
/// A float model in a file, quantized and executed on its own samples.
ArrayWorkload FileWorkload(const std::string& name, const std::filesystem::path& model,
                           const std::filesystem::path& samples);

/// The array layers of a workload that an array maps alike and uses about as much: a layer that
/// leaves most of the array idle takes another power than one that fills it.
struct LayerGroup {
  std::string mapping;       ///< with the quarter of the utilization: "gemm, 75-100 % used"
  std::uint64_t cycles = 0;  ///< of all of them, by the closed formulas
  std::uint64_t macs = 0;
  std::size_t layers = 0;
  std::string sample;  ///< name of the one with most cycles
  std::uint64_t sample_cycles = 0;
};
/// In the order of the cycles, most first.
std::vector<LayerGroup> GroupLayers(const ArrayWorkload& workload, const ArrayConfig& config,
                                    MappingSet mappings = MappingSet::kBest);

/// The ports of the core of `config` while it runs `cycles` cycles of a layer, from its first tile
/// that can begin a run at or after the middle, without a pause between tiles. Two cycles of reset
/// come first. Shorter when the layer ends. Runs the RTL; throws as CoreSim does.
PortRecording RecordLayer(const ArrayWorkload& workload, const std::string& layer,
                          const ArrayConfig& config, std::uint64_t cycles,
                          MappingSet mappings = MappingSet::kBest,
                          const std::filesystem::path& cache_dir = {});

}  // namespace systole
