// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "gen/config/array_config.h"
#include "sw/cli/progress.h"
#include "sw/ir/network.h"
#include "sw/map/tiling.h"
#include "tb/network_runner.h"

namespace systole {

/// Where a study on the RTL keeps things, and how it runs.
struct RtlStudySettings {
  std::filesystem::path store;      ///< of quantized networks and of results
  std::filesystem::path cache_dir;  ///< of compiled models; empty: the default
  int jobs = 1;
};

/// One network on one array.
struct RtlCase {
  std::string label;  ///< "mobilenet-v2 half": names the network in the store and in messages
  std::function<Network()> network;  ///< the float network, input "input" 1 x 3 x S x S
  ArrayConfig array;
  MappingSet mappings = MappingSet::kBest;
};

struct RtlOutcome {
  NetworkRun run;
  std::size_t reused = 0;      ///< layers whose result was in the store
  int damaged = 0;             ///< entries of the store that were damaged and made again
  double prepare_seconds = 0;  ///< building, quantizing, reference
};

/// Seeded values of a picture: 1 x 3 x size x size, float, around 0, most of them within [-2, 2],
/// neighbours alike as in pictures.
Tensor SamplePicture(std::int64_t size, std::uint64_t seed);

/// Quantizes the network to int8 on a sample picture, runs every array layer of it on the RTL, on
/// that picture, and compares all bytes and cycles (RunStored). Quantized networks and verified
/// layers are kept in the store under the content of this program, so that a study that was
/// interrupted or is repeated continues. Throws Interrupted when a signal came.
RtlOutcome RunOnRtl(const RtlCase& work, const RtlStudySettings& settings, ProgressLine& line);

}  // namespace systole
