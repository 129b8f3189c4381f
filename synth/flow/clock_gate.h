// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "synth/liberty/library.h"

namespace systole {

/// Clock gates: registers that share an enable get a clock that only runs when it is 1, instead of
/// a multiplexer each that brings the old value back. A gate is a latch, open while the clock is
/// low, and an AND of clock and latch: the gated clock has no glitches whenever the enable comes.
///
/// Three Verilog texts for Yosys' read_verilog and techmap. Between them the gate is the module
/// kClockGateModule, which nothing looks into.

inline constexpr const char* kClockGateModule = "systole_clock_gate";

/// The module from outside.
std::string ClockGatePorts();

/// Maps $dffe and $adffe of a rising clock to a gate and a register without an enable, and gives a
/// memory with one write port and unclocked reads a clock that runs when it is written.
std::string ClockGateRegisters();

/// Maps the gate to the library's smallest latch and AND, and an inverter if the latch opens at 1.
/// Throws RequestError when it has none of these with an area.
std::string ClockGateCells(const Library& library);

}  // namespace systole
