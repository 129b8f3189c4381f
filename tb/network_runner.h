// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/ir/network.h"
#include "sw/map/stream.h"
#include "sw/map/tiling.h"
#include "sw/ref/execute.h"
#include "tb/core_sim.h"

namespace systole {

enum class Engine {
  kRtl,    ///< the generated Verilog, cycle by cycle
  kModel,  ///< the closed formulas of sw/cost only
};

/// A waveform of one layer, cycles [from, to), counted from the layer's first command.
struct TraceRequest {
  std::filesystem::path file;
  std::string layer;
  std::uint64_t from = 0, to = UINT64_MAX;
};

struct RunSettings {
  ArrayConfig config{};
  MappingSet mappings = MappingSet::kBest;
  Engine engine = Engine::kRtl;
  std::vector<std::string> layers{};  ///< names of array nodes; empty: all of them
  int jobs = 1;                       ///< worker processes at a time
  std::uint8_t stall = 0;             ///< chance of a pause of every stream a cycle, of 256
  std::uint64_t seed = 1;             ///< of the pauses
  std::optional<TraceRequest> trace{};
  std::filesystem::path cache_dir{};  ///< of compiled models
};

enum class Verdict {
  kVerified,  ///< every byte is the reference's, every tile ended in the cycle of the formula
  kModel,     ///< not run
  kDiffers,   ///< a byte or a cycle differs
  kFailed,    ///< the run did not come to its end
};

/// One array layer.
struct LayerResult {
  std::string node, op, tensor;  ///< `tensor` is the node's output
  ElementType type = ElementType::kUndefined;
  Shape shape;
  std::string mapping;
  std::uint64_t tiles = 0;
  std::uint64_t macs = 0;
  std::uint64_t cycles = 0;        ///< measured, or the formula's with Engine::kModel
  std::uint64_t model_cycles = 0;  ///< the formula's
  std::uint64_t limit_cycles = 0;  ///< no run on this array and mapping could be shorter
  double seconds = 0;              ///< wall time of the simulation
  double cpu_seconds = 0;          ///< processor time of the worker
  Verdict verdict = Verdict::kModel;
  std::string problem;  ///< what differs first, or why it failed; "" if all is well
};

struct RunProgress {
  std::size_t layers_done = 0, layers = 0;
  std::string layer;  ///< the one that reported last
  std::uint64_t tiles_done = 0, tiles = 0;
  std::uint64_t cycles_done = 0, cycles = 0;
  double seconds = 0;  ///< since the first worker started
};

struct NetworkRun {
  std::vector<LayerResult> layers;  ///< in the order of the network
  std::string tools;                ///< versions of what compiled the model; "" without RTL
  double build_seconds = 0;         ///< 0 when the compiled model was in the cache
  double wall_seconds = 0;          ///< from the first worker's start to the last one's end
  bool stopped = false;             ///< RunHooks::stop ended it: `layers` is incomplete

  /// True when every layer has verdict kVerified, or kModel with Engine::kModel.
  bool Good() const;
};

/// Runs all tiles of a layer from reset, as CoreSim::Run does. A test puts a faulty core here.
using TileRunner = std::function<RunResult(TileSource& source, const RunOptions& options)>;

struct RunHooks {
  std::function<void(const std::string& what)> on_build{};  ///< a model is about to be compiled
  std::function<void(const RunProgress&)> on_progress{};    ///< several times a second
  std::function<void(const LayerResult&)> on_layer{};       ///< a layer has come to its end
  std::function<bool()> stop{};                             ///< true ends the run
  TileRunner tile_runner{};  ///< in place of the compiled model of the generated core
};

/// Runs every array layer of the network, each in a process of its own, on the inputs that `values`
/// (ExecuteNetwork: every tensor of the network) holds for it, and compares its output with
/// `values` byte by byte and its tiles' cycles with the formulas. What a layer does wrong stands in
/// its result; exceptions are for requests that cannot run at all: RequestError for names in
/// `layers` or `trace` that are no array nodes, for a network without array nodes, and for layers
/// that this array cannot run (every one of them); RunError when the model cannot be compiled.
/// With stalls, cycles cannot be foretold and are not compared.
NetworkRun RunLayers(const Network& network, const Tensors& values, const RunSettings& settings,
                     const RunHooks& hooks);

}  // namespace systole
