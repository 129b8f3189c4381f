// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "synth/gates/delays.h"
#include "synth/gates/flat_netlist.h"
#include "synth/gates/stimulus.h"

namespace systole {

/// Some blocks of a design as a netlist of their own that behaves as they do in the whole: the
/// delays are those of the whole, loads outside the blocks included.
struct CutOut {
  /// Ports: the design's, then `cut_i` (nets that blocks outside drive) and `cut_o` (nets that they
  /// read), as far as there are such. Without names.
  FlatNetlist netlist;
  Timing timing;
  std::vector<std::uint32_t> nets;             ///< of each net: the net of the whole
  std::vector<std::uint32_t> inputs, outputs;  ///< nets of the whole at cut_i and cut_o, in order
};

/// `keep`: of each block of `whole`. Throws RequestError for a design with memories.
CutOut CutBlocks(const FlatNetlist& whole, const Timing& timing, const std::vector<bool>& keep);

/// The cell that drives each net, or kNoCell: an input port or a memory.
inline constexpr std::uint32_t kNoCell = ~std::uint32_t{0};
std::vector<std::uint32_t> DrivingCells(const FlatNetlist& netlist);

/// One past the last pin of a cell in FlatNetlist::pin_nets.
std::uint32_t EndOfPins(const FlatNetlist& netlist, std::uint32_t cell);

/// Records the cut's ports from a simulation of the whole.
class CutRecorder {
 public:
  CutRecorder(const CutOut& cut, const PortRecording& of_the_whole);

  /// Adds the next cycle: the design's ports as they were recorded, the cut's as `value(net)` says.
  template <typename Value>
  void AddCycle(const Value& value) {
    recording_.AddCycle();
    CopyPorts();
    SetBits("cut_i", cut_.inputs, value);
    SetBits("cut_o", cut_.outputs, value);
  }
  PortRecording Take() { return std::move(recording_); }

 private:
  void CopyPorts();
  template <typename Value>
  void SetBits(const char* name, const std::vector<std::uint32_t>& nets, const Value& value) {
    if (nets.empty()) return;
    const std::size_t port = *recording_.Find(name);
    for (std::uint32_t bit = 0; bit < nets.size(); ++bit) {
      if (value(nets[bit])) recording_.Set(port, bit, 1, 1);
    }
  }

  const CutOut& cut_;
  const PortRecording& whole_;
  PortRecording recording_;
};

}  // namespace systole
