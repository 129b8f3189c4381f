// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "gen/config/array_config.h"
#include "sw/map/stream.h"
#include "tb/compiled_model.h"
#include "tb/frame_ports.h"

namespace systole {

struct RunOptions {
  /// Chance of a pause before each beat of each stream (cmd, act, wgt, prm, out, acc), of 256.
  std::array<std::uint8_t, kStreamCount> stall = {};
  std::uint32_t longest_stall = 4;   ///< cycles; a pause lasts 1 to this many
  std::uint64_t seed = 1;            ///< of the pauses
  std::filesystem::path trace = {};  ///< FST file; needs a model with trace; empty: none
  std::uint64_t trace_from = 0, trace_to = ~std::uint64_t{0};  ///< cycles [from, to)
  FrameSink record = {};  ///< of the ports, every cycle; must not throw
  /// Called now and then with the tiles done and the cycles run; may throw to end the run.
  std::function<void(std::uint64_t, std::uint64_t)> progress = {};
};

struct RunResult {
  std::uint64_t cycles = 0;  ///< from the first command to the last result that left, inclusive
  std::vector<std::uint64_t> completion;  ///< cycle in which each tile's last row left
  double seconds = 0;                     ///< wall time
  /// Says which tile was the first whose completion differs from the closed formula
  /// (sw/cost/core_timing.h); empty when all are equal, and not checked when streams pause.
  std::string timing_difference;
};

/// Runs tiles on the RTL of a core: the driver of the compiled model.
class CoreSim {
 public:
  explicit CoreSim(const ArrayConfig& config, const ModelOptions& options = {});
  /// The same on other Verilog with the same ports.
  CoreSim(const ArrayConfig& config, std::vector<rtl::File> verilog, const ModelOptions& options);

  /// Runs tiles `first` to `first + count - 1` from reset, without a pause between them, and hands
  /// their results to `source.Collect` (tile indices as in `source`, in the order in which they
  /// leave). The first tile has to stand for itself: it switches to its own bank, and an ST-OS tile
  /// fills the columns it uses. Tiles are formed some way ahead of the core, each once.
  /// Throws RequestError when a tile breaks the core's contract, RunError when the RTL does: it
  /// stands still, breaks the protocol of a stream, leaves beats over or fails an assertion. What
  /// `source` or `progress` throws comes through.
  RunResult Run(TileSource& source, std::uint64_t first, std::uint64_t count,
                const RunOptions& options = {}) const;

  const ArrayConfig& config() const { return config_; }
  const CompiledModel& model() const { return model_; }

 private:
  ArrayConfig config_;
  CompiledModel model_;
};

}  // namespace systole
