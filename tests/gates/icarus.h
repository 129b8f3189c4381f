// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "synth/gates/delays.h"
#include "synth/gates/simulator.h"
#include "synth/gates/stimulus.h"

namespace systole {

/// A flat netlist as Verilog of one level: module `dut`, net i as wire `n<i>`, a module for each
/// cell. The cells' functions are those of Timing's tables, each read in one step, so that inputs
/// that change together act together; the initial state of registers is that of `simulator`, which
/// has just been made; there is no clock edge before the second cycle. With `delays`, specify paths
/// have the delays of `timing`, in picoseconds.
std::string FlatVerilog(const FlatNetlist& netlist, const Timing& timing,
                        const GateSimulator& simulator, int period, bool delays);

/// The same, but its cells are instances of modules with the library's names.
std::string FlatVerilogOfCells(const FlatNetlist& netlist);

bool HasIcarus();

struct IcarusJob {
  std::string verilog;  ///< with module `top`
  std::string top = "dut";
  const PortRecording* stimulus = nullptr;  ///< its inputs are driven; all its ports are the top's
  std::string clock = "clk_i";              ///< empty: none
  int period = 1000, input_time = 100;      ///< ps; inputs at 0: together with what the edge does
  bool specify = false;
  std::uint64_t window = 1;  ///< first cycle whose toggles count
};

struct IcarusResult {
  PortRecording recording;                       ///< the inputs, and the outputs that Icarus saw
  PortRecording unknown;                         ///< the outputs' bits that were neither 0 nor 1
  std::map<std::string, std::uint64_t> toggles;  ///< of the top's scalar wires, in the window
};

/// The first cycle from which on no output bit is unknown.
std::uint64_t KnownFrom(const PortRecording& unknown);

/// Runs Icarus Verilog as GateSimulator runs its cycles. Throws std::runtime_error with its output
/// when it fails.
IcarusResult RunIcarus(const IcarusJob& job);

/// Random values for all inputs; in cycle 0 they are 0. The input `quiet`, if there is one, has all
/// bits 1 from the cycle before `quiet_from` on.
PortRecording RandomStimulus(const std::vector<RecordedPort>& ports, std::uint64_t cycles,
                             std::uint64_t seed, const std::string& quiet = "",
                             std::uint64_t quiet_from = 0);

/// The ports of a flat netlist as a recording has them, without the clock.
std::vector<RecordedPort> PortsOf(const FlatNetlist& netlist, const std::string& clock);

}  // namespace systole
