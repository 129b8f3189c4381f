// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "synth/gates/delays.h"
#include "synth/gates/flat_netlist.h"
#include "synth/gates/stimulus.h"

namespace systole {

struct SimulatorOptions {
  /// Cell delays; null: none, every net settles at once. Has to outlive the simulator.
  const Timing* timing = nullptr;
  double period = 10e-9;       ///< seconds a cycle
  double input_time = 0.1e-9;  ///< seconds from the rising edge to the change of the inputs
  /// Seconds from the clock or the address to the output of each of FlatNetlist::memories; empty:
  /// 0.1 ns each.
  std::vector<double> memory_delays = {};
  std::string clock = "clk_i";  ///< the clock port; none of this name: a design without a clock
  bool ideal_clock = true;      ///< the clock reaches the registers without delay
  /// With delays: how many cells are simulated through half a cycle at a time, where the design
  /// allows it, so that they stay in the processor's caches (AssignClusters). The result does not
  /// depend on it. 0: all.
  std::uint32_t cluster_cells = 8192;
  std::uint64_t seed = 1;  ///< of what registers and memories hold at power-up; 0: zeros
};

/// Simulates a flat netlist with two values, cycle by cycle, and counts toggles.
///
/// A cycle begins with the rising edge of the clock (the first one, at power-up, without an edge),
/// the inputs change, the clock falls in the middle, and just before the next rising edge the
/// outputs are looked at.
///
/// Without delays: what changes at the edge, and the inputs, change together; then each net takes
/// its new value at once, in topological order. A net toggles at most once for each edge of the
/// clock, unless a register without clock change (asynchronous control, a latch, a divided clock)
/// sets off another round.
///
/// With delays: when changes of a cell's inputs change the value of its function, its output is
/// looked at again after the arc's delay (of the output's edge; the shortest, when several inputs
/// change in one tick) and takes the function's value of *that* moment. So a pulse at the inputs
/// that is over before the delay is leaves no trace (inertial), while one that is longer passes.
/// This is what Icarus Verilog does with simple specify paths. All changes of a tick act together.
/// Registers take the data of before the tick in which an ideal clock rises; setup and hold times
/// are not looked at. What has not settled at the end of a cycle goes on in the next.
///
/// Flip-flops, latches and memories hold noise at power-up. Clear wins over preset.
class GateSimulator {
 public:
  /// The netlist has to outlive this. Throws RequestError as MakeCellLogic and TopologicalOrder,
  /// and for times that do not fit each other; RunError as RunCycle.
  GateSimulator(const FlatNetlist& netlist, const SimulatorOptions& options);
  ~GateSimulator();
  GateSimulator(GateSimulator&&) noexcept;

  const FlatNetlist& netlist() const;
  const SimulatorOptions& options() const;
  /// Index in netlist().ports. Throws RequestError for a name that is none.
  std::size_t Port(std::string_view name) const;

  /// Bits [first, first + width) of an input port from the next cycle on; width 1 to 64.
  void SetInput(std::size_t port, std::uint32_t first, std::uint32_t width, std::uint64_t value);
  /// Throws RunError when the design without delays does not come to rest.
  void RunCycle();
  /// Bits of any port at the end of the last cycle; width 1 to 64.
  std::uint64_t Output(std::size_t port, std::uint32_t first, std::uint32_t width) const;
  bool Value(std::uint32_t net) const;

  /// Begins a new window of cycles.
  void ResetActivity();
  /// What happened since ResetActivity.
  Activity TakeActivity() const;

  std::uint32_t clusters() const;     ///< that are simulated one after the other
  std::uint64_t toggles() const;      ///< of all nets since the beginning
  std::uint64_t evaluations() const;  ///< of functions since the beginning
  /// With delays: seconds from the rising edge to the last change of any net, the longest of all
  /// cycles of the window.
  double settled_after() const;

 private:
  class Implementation;
  std::unique_ptr<Implementation> implementation_;
};

struct ReplayOptions {
  std::uint64_t first = 0;         ///< first cycle of the activity's window
  std::uint64_t count = 0;         ///< its cycles; 0: up to the end of the recording
  std::uint64_t compare_from = 0;  ///< first cycle in which outputs are compared
  /// Called after each cycle, when nets have their values of its end.
  std::function<void()> after_cycle = {};
};

/// A bit in which netlist and RTL differ.
struct ReplayDifference {
  std::uint64_t cycle;
  std::string port;
  std::uint32_t bit;
  bool expected;  ///< by the recording
};

struct Replay {
  Activity activity;         ///< of the window
  std::uint64_t cycles = 0;  ///< run, from the first of the recording to the window's last
  std::uint64_t compared_bits = 0;
  std::optional<ReplayDifference> difference;  ///< the first; the replay stops there
};

/// Drives a simulator that has just been made with a recording's inputs from its first cycle on to
/// the end of the window, and compares every bit of the recorded outputs in every cycle from
/// `compare_from` on. Throws RequestError when an input of the netlist is not recorded (but for the
/// clock), when a recorded port is not there or has another width or direction, and when the window
/// lies outside.
Replay ReplayRecording(GateSimulator& simulator, const PortRecording& recording,
                       const ReplayOptions& options);

}  // namespace systole
