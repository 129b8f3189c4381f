// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "gen/peers/peers.h"
#include "synth/gates/stimulus.h"

namespace systole {

/// A matrix product: a (m x k) times b (k x n), both row by row.
struct GemmOperands {
  std::size_t m = 0, k = 0, n = 0;
  std::vector<std::int32_t> a, b;

  std::int32_t A(std::size_t row, std::size_t step) const { return a[row * k + step]; }
  std::int32_t B(std::size_t step, std::size_t column) const { return b[step * n + column]; }
  /// The sum of the first `steps` products of one element of the result.
  std::int64_t Sum(std::size_t row, std::size_t column, std::size_t steps) const;
};

/// What a peer array has at its ports in one cycle.
struct PeerCycle {
  bool valid = false, first = false, last = false;  ///< valid_i, first_i, last_i
  bool load = false, swap = false;                  ///< weight stationary: load_i, swap_i
  bool drain = false;                               ///< start_i, drain_i or shift_i: results leave
  bool moving = false;                              ///< ours: moving_i
  std::vector<std::int32_t> act, wgt;               ///< lanes; empty: as in the cycle before
  std::vector<std::int64_t> acc;     ///< weight stationary: lanes of acc_i; empty: as before
  std::vector<std::int64_t> result;  ///< what res_o shows; empty: not looked at
};

/// A whole product on one array.
struct PeerSchedule {
  std::vector<PeerCycle> cycles;
  std::size_t begin = 0;   ///< the first cycle with an operand; before it the array comes to rest
  std::uint64_t macs = 0;  ///< m * k * n
  std::size_t length() const { return cycles.size() - begin; }
};

/// Drives the array of `config` with the product as fast as it goes, and says which cycle shows
/// which row of results. Output stationary: a block of Rows rows of `a` after the other, k steps
/// each. Weight stationary: a block of Rows steps after the other, m cycles each; the sums so far
/// come from acc_i. Throws RequestError unless m is a multiple of Rows, n is Cols, and k is at
/// least Rows.
PeerSchedule MakeSchedule(const PeerConfig& config, const GemmOperands& operands);

/// The ports of an array, to record a schedule with: all inputs but the clock, then res_o.
class PeerPorts {
 public:
  explicit PeerPorts(const PeerConfig& config);

  PortRecording Empty() const { return PortRecording(ports_); }
  std::size_t result() const { return ports_.size() - 1; }  ///< the port res_o
  /// A cycle of reset, where there is one; else at rest.
  void AddReset(PortRecording& recording) const { recording.AddCycle(); }
  /// Cycles of reset before the schedule's first.
  static constexpr std::size_t kResetCycles = 2;
  /// The inputs of a cycle; res_o is left at 0.
  void Add(PortRecording& recording, const PeerCycle& cycle);

 private:
  using Flag = bool PeerCycle::*;
  void AddFlag(const char* name, Flag flag);

  std::uint32_t data_width_, acc_width_;
  bool reset_, memory_;
  std::vector<RecordedPort> ports_;
  std::vector<Flag> flags_;              ///< of the first ports
  std::vector<std::int32_t> act_, wgt_;  ///< lanes as they stand
  std::vector<std::int64_t> acc_;
};

}  // namespace systole
