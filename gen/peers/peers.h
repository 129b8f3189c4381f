// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "gen/emit/design.h"

namespace systole {

/// Textbook arrays to measure ours against, at equal work: Rows x Cols multiply-accumulates a
/// cycle, operands of one step given to all edges at once, whole rows of results given back, skew
/// and deskew inside. Control and what follows (bias, requantizer) stand outside, in all alike.
/// docs/peers.md compares them.
enum class PeerKind {
  /// Ours: systolic_array, and the deskew of result_drain. Results leave while the next tile runs.
  kSystole,
  /// Output stationary, an element a module, operands from element to element. The sums leave
  /// through the sum registers, so that the array waits for its fill and its drain.
  kInPlace,
  /// Output stationary without pipelining: operands are broadcast along rows and columns, each
  /// element is a combinational multiply-accumulate, a sum and a result register.
  kBroadcast,
  /// Weight stationary: a weight and a shadow weight an element, partial sums move down, and at
  /// the bottom an adder a column onto sums that a memory outside keeps.
  kWeightStationary,
};

/// How an element multiplies and adds; all but kOwnWidth with kInPlace only.
enum class MacStyle {
  kOwnWidth,    ///< `*` at its own width, then `+`: what ours does
  kFused,       ///< `sum + act * wgt` in one expression: Yosys folds it into one $macc
  kBooth,       ///< radix-4 Booth digits, written out; Yosys 0.23 has no option for it
  kRipple,      ///< the adder of the sum as a carry chain, written out
  kKoggeStone,  ///< the adder of the sum as a Kogge-Stone prefix tree, written out
  kPipelined,   ///< a register between multiplier and adder
};

struct PeerConfig {
  PeerKind kind = PeerKind::kSystole;
  MacStyle mac = MacStyle::kOwnWidth;
  int rows = 8;        ///< 2 to 64
  int cols = 8;        ///< 2 to 64
  int data_width = 8;  ///< 4, 8 or 16
  int acc_width = 32;  ///< 2 * data_width + 8 to 48
};

/// Every problem; empty if the configuration is good.
std::vector<Problem> Check(const PeerConfig& config);

/// "systole", "os", "os-broadcast", "ws"; with another style "os booth" and so on.
std::string ToString(const PeerConfig& config);

/// Bits of a partial sum that moves down a column of a weight-stationary array.
int PartialSumWidth(const PeerConfig& config);

/// Name of the module that holds the processing elements, and how many one instance holds.
struct PeerElement {
  std::string module;
  int elements = 1;
};
PeerElement ElementOf(const PeerConfig& config);

/// The array: top module `peer_array`. All have clk_i, valid_i (there is a step), act_i (Rows
/// lanes), wgt_i (Cols lanes). Further inputs, outputs and cycles: synth/peers/schedule.cc drives
/// them. Throws RequestError for a configuration that is not good.
rtl::Design BuildPeer(const PeerConfig& config);

}  // namespace systole
