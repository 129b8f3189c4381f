// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "sw/ir/network.h"
#include "sw/ref/execute.h"
#include "sw/scale_sim/topology.h"

namespace systole {

/// A network that a command line names: an ONNX model, or a topology of SCALE-Sim (`.csv`), which
/// becomes a quantized network with random weights of a seed.
struct ModelFile {
  Network network;
  std::optional<Topology> topology{};  ///< with `.csv` only
};

/// Reads it; what a topology gets wrong is printed to standard error as warnings. Throws
/// RequestError for files that are neither, and operators that Systole does not run.
ModelFile ReadModelFile(const std::string& path, std::uint64_t seed = 1);

/// Random int8 values for every input of a topology's network.
Tensors SeededInputs(const Network& network, std::uint64_t seed);

}  // namespace systole
