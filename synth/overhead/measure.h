// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "synth/gates/flat_netlist.h"
#include "synth/gates/stimulus.h"
#include "synth/liberty/library.h"
#include "synth/overhead/block_sample.h"
#include "synth/power/power.h"

namespace systole {

/// How a mapped design is simulated with cell delays and its power computed.
struct MeasureOptions {
  double period = 10e-9;                   ///< seconds a cycle
  double wire_per_fanout = 0;              ///< farads of wire that each pin adds to its net
  std::uint64_t warm_up = 0;               ///< first cycles after the reset that do not count
  std::vector<double> memory_delays = {};  ///< seconds from the clock to each memory's output
  std::vector<MemoryPower> memories = {};  ///< of FlatNetlist::memories
  SampleOptions sample = {};               ///< what is simulated with delays; without them all is
};

/// Power of a design on a recording, twice: with the cells' delays (glitches count) and without.
struct MeasuredPower {
  std::uint64_t cycles = 0;         ///< that counted
  std::uint64_t compared_bits = 0;  ///< of outputs, all equal to the RTL's
  double settled = 0;               ///< seconds after the edge at which the last net was at rest
  PowerReport timed, zero_delay;
  std::size_t sampled = 0;  ///< instances that were simulated with delays; 0: every gate was
  std::size_t sampled_of = 0;
  double interval = 0;  ///< watts on both sides of `timed`, 95 % confidence (EstimatePower)
  /// Added by glitches, as a share of the power without: 0.1 is 10 %.
  double GlitchShare() const;
};

/// Replays the recording on the netlist in both ways and compares every output bit of every cycle
/// with the RTL's. With a sample, the run with delays leaves out instances that are not in it: the
/// nets that they drive are inputs that do, without delay, what they did in the run without delays.
/// Throws RunError at the first difference, naming port, bit and cycle; RequestError when the
/// netlist does not come to rest within the period.
MeasuredPower MeasurePower(const FlatNetlist& netlist, const std::vector<Library>& libraries,
                           const PortRecording& recording, const MeasureOptions& options);

/// The longest delay from register to register by the NLDM tables, without setup, in seconds: a
/// first guess at the period. 0 for a design without such a path.
double RegisterDelay(const FlatNetlist& netlist, double wire_per_fanout);

}  // namespace systole
