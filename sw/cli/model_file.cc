// SPDX-License-Identifier: Apache-2.0
#include "sw/cli/model_file.h"

#include <fmt/format.h>

#include <cstdio>
#include <filesystem>

#include "base/stimulus.h"
#include "sw/cli/layer_summary.h"
#include "sw/onnx/onnx_io.h"

namespace systole {

ModelFile ReadModelFile(const std::string& path, std::uint64_t seed) {
  ModelFile file;
  if (std::filesystem::path(path).extension() == ".csv") {
    file.topology = ReadTopology(path);
    for (const std::string& warning : file.topology->warnings) {
      fmt::print(stderr, "systole: warning: {}\n", warning);
    }
    file.network = TopologyNetwork(*file.topology, seed);
  } else {
    file.network = ReadOnnx(path);
    RefuseUnsupported(file.network);
  }
  return file;
}

Tensors SeededInputs(const Network& network, std::uint64_t seed) {
  Stimulus seeds(~seed);  // not those of the weights
  Tensors tensors;
  for (const std::string& input : network.inputs) {
    tensors[input] = RandomInt8(network.values.at(input).shape, seeds.Next());
  }
  return tensors;
}

}  // namespace systole
