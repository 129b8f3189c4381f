// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "synth/liberty/library.h"
#include "synth/netlist/netlist.h"

namespace systole {

/// What one module holds itself, without the modules below it; once, however often it stands in the
/// design.
struct ModuleArea {
  std::string module, block;                   ///< names as in NetlistModule
  std::uint64_t instances = 0;                 ///< in the whole design
  std::uint64_t cells = 0;                     ///< library cells, macros not counted
  std::uint64_t registers = 0;                 ///< flip-flops and latches among them
  std::uint64_t buffers = 0;                   ///< added by InsertBuffers, the clock's not counted
  std::uint64_t clock_buffers = 0;             ///< added by InsertBuffers
  double area = 0;                             ///< um2 of all cells and of macros with an area
  double buffer_area = 0;                      ///< um2, part of `area`
  double clock_buffer_area = 0;                ///< um2, part of `area`
  double macro_area = 0;                       ///< um2, part of `area`
  std::map<std::string, std::uint64_t> types;  ///< library cells by name

  ModuleArea& operator+=(const ModuleArea& other);  ///< adds the figures, but not `instances`
};

struct MacroCount {
  std::string type;
  std::uint64_t instances = 0;  ///< in the whole design
  std::optional<double> area;   ///< um2 of one; nothing: no library has it
};

struct DesignArea {
  std::vector<ModuleArea> modules;  ///< in the netlist's order
  std::vector<MacroCount> macros;   ///< by name
  ModuleArea total;                 ///< over all instances; named as the top
};

/// Counts times Liberty areas. Macros that no library has are listed without an area and are in no
/// sum. Throws RequestError for a library cell that is in no library or has no area.
DesignArea MeasureArea(const Netlist& netlist, const std::vector<Library>& libraries);

/// How often each module stands in the design, in the netlist's order.
std::vector<std::uint64_t> CountInstances(const Netlist& netlist);

}  // namespace systole
